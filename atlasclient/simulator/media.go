package simulator

import (
	"mime"
	"strings"
)

// The versions of the Admin API that exist at all.
var apiVersions = []string{
	"2023-01-01", "2023-02-01", "2023-10-01", "2023-11-15", "2024-05-30",
	"2024-08-05", "2024-10-23", "2024-11-13", "2025-02-19", "2025-03-12",
}

// The versions that the resources here have.
var (
	versions2023     = []string{"2023-01-01"}
	versionsClusters = []string{"2023-01-01", "2023-02-01", "2024-08-05"}
	versionsSchedule = []string{"2023-01-01", "2024-08-05"}
	versionsFlex     = []string{"2024-11-13"}
	versionsLimits   = []string{"2025-03-12"}
	versionsContents = []string{"2025-03-12"}
	versionsSearch   = []string{"2024-05-30"}
	versionsLogs     = []string{"2023-01-01", "2023-02-01"}
	// Its older shape, of 2023-01-01, lacks the names of who is authorized.
	versionsCompliance = []string{"2023-10-01"}
)

const mediaPrefix = "application/vnd.atlas."

// resolve finds the version of a resource of a format that answers this Accept header: its
// newest one that is not after the date asked for.
func resolve(accept string, versions []string, format string) (string, bool) {
	for part := range strings.SplitSeq(accept, ",") {
		kind, _, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err != nil || !strings.HasPrefix(kind, mediaPrefix) {
			continue
		}
		asked, fits := strings.CutSuffix(strings.TrimPrefix(kind, mediaPrefix), "+"+format)
		if !fits || !known(asked) {
			continue
		}
		best := ""
		for _, v := range versions {
			if v <= asked {
				best = v
			}
		}
		if best != "" {
			return best, true
		}
	}
	return "", false
}

func known(version string) bool {
	for _, v := range apiVersions {
		if v == version {
			return true
		}
	}
	return false
}

func mediaType(version, format string) string {
	if format == formatJSON {
		format += ";charset=utf-8"
	}
	return mediaPrefix + version + "+" + format
}
