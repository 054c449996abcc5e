// Tests of state/fetch. They stand here: each package with tests is one more program to link.

package state_test

import (
	"slices"
	"strings"
	"testing"

	"atlas-restore/state/fetch"
)

func TestFetchNames(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"orders.tar.gz":                  "orders.tar.gz",
		"../../etc/passwd":               "etc-passwd",
		"/etc/passwd":                    "etc-passwd",
		`..\..\boot.ini`:                 "boot.ini",
		"..":                             "archive.tar.gz",
		"":                               "archive.tar.gz",
		".ssh":                           "ssh",
		"-rf":                            "rf",
		"CON":                            "archive-CON",
		"nul.tar.gz":                     "archive-nul.tar.gz",
		"a\x00b\nc\x1b[31m.gz":           "a-b-c--31m.gz",
		"ünïcode .gz. ":                  "-n-code-.gz.-",
		"a:stream":                       "a-stream",
		strings.Repeat("x", 300) + ".gz": strings.Repeat("x", 157) + ".gz",
	} {
		want = strings.TrimLeft(want, "-")
		if got := fetch.CleanName(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
	if got := fetch.CleanNames([]string{"a.tar.gz", "A.tar.gz", "a.tar.gz"}); !slices.Equal(got, []string{"a.tar.gz", "A-2.tar.gz", "a-3.tar.gz"}) {
		t.Errorf("%v", got)
	}
}
