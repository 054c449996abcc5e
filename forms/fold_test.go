package forms_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"atlas-restore/forms/fold"
)

// No line ends within a name, a number with its unit or a moment, whatever its width.
func TestFoldKeepsTogetherWhatBelongs(t *testing.T) {
	t.Parallel()
	const text = "The newest snapshot is of 23 Nov 12:20:04 UTC, 2 h 10 min ago (39.5 GB on disk, 1,024 MB in all), onto orders-prod-restore-2 by 14:02:59.812 UTC, at 90 % of 3 May 2026."
	whole := []string{"23 Nov 12:20:04 UTC,", "2 h", "10 min", "(39.5 GB", "1,024 MB", "orders-prod-restore-2", "14:02:59.812 UTC,", "90 %", "3 May 2026."}
	for w := 24; w < 180; w++ {
		lines := fold.Text(text, w)
		for _, part := range whole {
			if !slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, part) }) {
				t.Errorf("%d cells break %q: %q", w, part, lines)
			}
		}
		if got := strings.Join(lines, " "); strings.Join(strings.Fields(got), " ") != text {
			t.Errorf("%d cells: %q", w, got)
		}
		for _, line := range lines {
			if ansi.StringWidth(line) > w {
				t.Errorf("%d cells: %q", w, line)
			}
		}
	}
}

// What only looks like a figure is no reason to leave a line half empty.
func TestFoldBreaksElsewhere(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"may take until the end of 12 and min of it all":  {"may take until the end of", "12 and min of it all"},
		"orders-prod UTC is a name, May is one of months": {"orders-prod UTC is a name,", "May is one of months"},
		"": {""},
	} {
		if got := fold.Text(text, 26); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for w := range 24 { // there is hardly room for anything: all of it is there still
		if got := strings.Join(fold.Text("on 23 Nov 12:20 UTC", w), ""); strings.ReplaceAll(got, " ", "") != "on23Nov12:20UTC" {
			t.Errorf("%d cells: %q", w, got)
		}
	}
}

// A text that a terminal shows by itself is broken between words: no name, no figure, no path, no hash and no
// command is, whatever its length, and without a width nothing is. What goes on stands under its own beginning.
func TestFoldLines(t *testing.T) {
	t.Parallel()
	whole := []string{
		"orders-prod-restore-2", "23 Nov 12:20:04 UTC", "39.5 GB",
		"cf91d9a7ab8a5c328266730dcafefa7ce53b3a7605dbd61bb792f2ed96ded80f",
		"https://restore.example.com/files/orders-prod.tar.gz?token=0123456789abcdef0123456789abcdef",
		"atlas-restore --projectId 63f3fe1dac5fa607c42098f4 --clusterName orders-prod --deliveryType pointInTime --at 2026-11-23T14:02:59Z",
		"atlas-restore plan show '/home/some one/orders prod.plan.json'", "atlas-restore --plan /tmp/p.json --base-url http://127.0.0.1:46763",
		"atlas-restore records show 17 --training", "atlas restore records list --all --state-dir /tmp/a", "atlas-restore verify --extract /mnt/a.tar.gz",
		"atlas-restore watch 65f0c1d2e3a4b5c6d7e8f901 --base-url http://127.0.0.1:46763", "atlas-restore train first-download",
		"atlas-restore jobs --mine -o json", "export MONGODB_ATLAS_ACCESS_TOKEN=$(atlas auth token --profile login)", "`db.adminCommand({renameCollection: 1})`",
	}
	text := "Restored."
	for _, w := range whole {
		text += " That is what it says about it: " + w + " and then it goes on."
	}
	words := strings.Join(strings.Fields(text), " ")
	for w := range 200 {
		got := fold.Lines(text, w)
		if w == 0 && got != text {
			t.Errorf("without a width: %q", got)
		}
		if strings.Join(strings.Fields(got), " ") != words {
			t.Errorf("%d cells lose or add something: %q", w, got)
		}
		for _, part := range whole {
			if w >= 24 && !strings.Contains(got, part) {
				t.Errorf("%d cells break %q:\n%s", w, part, got)
			}
		}
		for line := range strings.Lines(got) {
			line = strings.TrimRight(line, "\n")
			if w >= 24 && ansi.StringWidth(line) > w && !slices.ContainsFunc(whole, func(p string) bool { return strings.HasPrefix(line, p) && len(line) <= len(p)+1 }) {
				t.Errorf("%d cells: %q", w, line)
			}
		}
	}
	for text, want := range map[string]string{
		"  29 of 29 tables: every block that the snapshot reaches":       "  29 of 29 tables: every block\n  that the snapshot reaches",
		"sound  4.1 kB  index _id_ of shop.discounts and more":           "sound  4.1 kB  index _id_ of\n               shop.discounts and more",
		"- what is in a list, which goes on":                             "- what is in a list, which goes\n  on",
		fold.Whole("\tjob, _, err := atlas.Create(ctx, a, b, c)"):        "\tjob, _, err := atlas.Create(ctx, a, b, c)",
		"short\n\n" + fold.Whole("mongod --dbpath a --bind_ip 1 --port"): "short\n\nmongod --dbpath a --bind_ip 1 --port",
	} {
		w := 31
		if strings.HasPrefix(text, "sound") {
			w = 39
		}
		if got := fold.Lines(text, w); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := fold.Lines(fold.Whole("a b"), 0); got != "a b" {
		t.Errorf("without a width: %q", got)
	}
}

// A text that was written for a wider terminal is filled anew where it has no room: its paragraphs and the items
// of its lists. A line that its author has ended, a column, a heading and a block of code stay.
func TestFoldWritten(t *testing.T) {
	t.Parallel()
	const text = `A title
=======

This paragraph was broken by its author at about ninety cells, as a terminal mostly has that,
or more, and it goes on.
It ends here.

- An item of a list that is longer than a line of a terminal and was broken by its author
  under its own beginning
- Another one
  PASS  the job has ended well, and everything that has to be looked at was looked at, twice
        and by another person

| code | what it means |
| 6 | the outcome is unknown: no look at it was answered |

` + "```sh\natlas-restore --clusterName orders-prod --deliveryType download\n  --confirm download\n```\n"
	const want = `A title
=======

This paragraph was broken by its author at
about ninety cells, as a terminal mostly
has that, or more, and it goes on.
It ends here.

- An item of a list that is longer than a
  line of a terminal and was broken by its
  author under its own beginning
- Another one
  PASS  the job has ended well, and
        everything that has to be looked
        at was looked at, twice
        and by another person

| code | what it means |
| 6 | the outcome is unknown: no look at
      it was answered |

` + "```sh\natlas-restore --clusterName orders-prod --deliveryType download\n  --confirm download\n```\n"
	if got := fold.Written(text, 42); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	for _, w := range []int{0, 92, 200} {
		if got := fold.Written(text, w); got != text && w != 92 {
			t.Errorf("%d cells: %s", w, got)
		}
	}
}
