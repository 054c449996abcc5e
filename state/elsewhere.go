package state

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Elsewhere is the plan's request as another program makes it.
type Elsewhere struct {
	Name string `json:"name"` // "Atlas CLI"
	Note string `json:"note"` // the versions that take it, which it was last run with, and what it needs
	Text string `json:"text"` // for a POSIX shell, or a whole program; secrets are variables
}

// mediaDate is the version of Atlas's API that the requests are written for.
const mediaDate = "2025-03-12"

// usualAtlas is the address that other programs go to by themselves.
const usualAtlas = "https://cloud.mongodb.com"

// InOtherWords are the ways to make the plan's request without this program, each complete:
// the Atlas CLI, curl with either authentication, a program on the official Go SDK, and for single
// collections a resource of Terraform.
// baseURL is Atlas's address. Nothing is given for a plan that is not complete.
func InOtherWords(p Plan, baseURL string) []Elsewhere {
	r, err := p.Request()
	if err != nil {
		return nil
	}
	raw, err := json.Marshal(r.Body())
	if err != nil {
		return nil
	}
	body := string(raw)
	url := baseURL + "/api/atlas/v2/groups/" + p.Project.ID + "/clusters/" + p.Cluster.Name
	if r.Asked != nil {
		out := append([]Elsewhere{byAPI("Atlas CLI", atlasCollections, p, baseURL, body)}, curls(url+"/collectionRestoreJobs", body)...)
		return append(out, inGo(goCollections, collectionsProgram(p, r, baseURL)), terraform(p, r))
	}
	url += "/backup/restoreJobs"
	if p.Cluster.Family == Flex {
		url = baseURL + "/api/atlas/v2/groups/" + p.Project.ID + "/flexClusters/" + p.Cluster.Name + "/backup/restoreJobs"
		if r.DeliveryType == Download {
			url = strings.TrimSuffix(url, "restoreJobs") + "download"
		}
		// The Atlas CLI restores onto a flex cluster whatever type it was given.
		return curls(url, body)
	}
	out := []Elsewhere{
		atlasCLI("Atlas CLI", atlasStart, baseURL, "", append([]string{string(r.DeliveryType)}, cliFlags(p, r)...)),
		byAPI("Atlas CLI, by the API", atlasAPI, p, baseURL, body),
	}
	out = append(out, curls(url, body)...)
	return append(out, inGo(goSDK, restoreProgram(p, r, baseURL)))
}

// byAPI is a command of the Atlas CLI that sends a body as it is. It comes on standard input:
// beside it --file is refused.
func byAPI(name string, f form, p Plan, baseURL, body string) Elsewhere {
	return atlasCLI(name, f, baseURL, "printf %s "+quote(body)+" | ",
		[]string{"--groupId", p.Project.ID, "--clusterName", p.Cluster.Name, "--version", f.media})
}

func inGo(f form, program string) Elsewhere {
	return Elsewhere{"Go SDK", f.note() + " It reads MONGODB_ATLAS_CLIENT_ID and _CLIENT_SECRET.", program}
}

// atlasCLI is a command of the Atlas CLI, with what is piped into it.
//
// For another address than its own the CLI has to be told it by a variable. It keeps that
// address, and the token from there, in its configuration and in the keyring, and would go
// there ever after: so it gets a folder and a profile of its own, and the folder is deleted.
func atlasCLI(name string, f form, baseURL, piped string, words []string) Elsewhere {
	line := command(append(slices.Clone(f.words), words...)...)
	if baseURL == usualAtlas { // else it would go to the real one
		return Elsewhere{name, f.note() + " It signs in with its own profile.", piped + line}
	}
	// printf is of the shell: the variables stand before the CLI alone.
	own := `HOME="$d" XDG_CONFIG_HOME="$d" MONGODB_ATLAS_PROFILE=atlas-restore MONGODB_ATLAS_OPS_MANAGER_URL=` + ShellWord(baseURL+"/") + " "
	return Elsewhere{
		name,
		f.note() + " Its configuration is deleted afterwards. It reads MONGODB_ATLAS_CLIENT_ID and _CLIENT_SECRET, or _PUBLIC_API_KEY and _PRIVATE_API_KEY.",
		`(d=$(mktemp -d) && trap 'rm -r "$d"' EXIT && ` + piped + own + line + ")",
	}
}

// cliFlags are the Atlas CLI's own (atlas backups restores start).
func cliFlags(p Plan, r Request) []string {
	out := []string{"--projectId", p.Project.ID, "--clusterName", p.Cluster.Name}
	for _, f := range []struct{ flag, value string }{
		{FlagSnapshot, r.SnapshotID},
		{FlagUTCSeconds, number(r.PointInTimeUTCSeconds)},
		{FlagOplogTs, number(r.OplogTs)},
		{FlagOplogInc, number(r.OplogInc)},
		{FlagTargetProject, r.TargetProjectID},
		{FlagTargetCluster, r.TargetClusterName},
	} {
		if f.value != "" {
			out = append(out, "--"+f.flag, f.value)
		}
	}
	return out
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func curls(url, body string) []Elsewhere {
	media := "application/vnd.atlas." + mediaDate + "+json"
	request := " --fail-with-body --request POST --header " + quote("Accept: "+media) + " --header " + quote("Content-Type: "+media) +
		" --data " + quote(body) + " " + quote(url)
	return []Elsewhere{
		{"curl, access token", curlForm.note() + " It reads MONGODB_ATLAS_ACCESS_TOKEN.", `curl --header "Authorization: Bearer $MONGODB_ATLAS_ACCESS_TOKEN"` + request},
		{"curl, API key", curlForm.note() + " It reads MONGODB_ATLAS_PUBLIC_API_KEY and _PRIVATE_API_KEY.", `curl --digest --user "$MONGODB_ATLAS_PUBLIC_API_KEY:$MONGODB_ATLAS_PRIVATE_API_KEY"` + request},
	}
}

// command is a command line whose words a shell takes as they are.
func command(words ...string) string {
	for i, w := range words {
		words[i] = ShellWord(w)
	}
	return strings.Join(words, " ")
}

// ShellWord is text as one word for a POSIX shell, quoted where it has to be.
func ShellWord(text string) string {
	if text == "" || strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:") != "" {
		return quote(text)
	}
	return text
}

// quote makes one word of text for a POSIX shell, whatever stands in it.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
