package teatest_test

import (
	"fmt"
	"strings"
	"testing"

	"atlas-restore/teatest"
)

// A serial console of 9,600 baud carries 960 bytes a second: 288 are there in 300 ms. A key
// that moves the highlight by a row takes no more, but for one that turns the page; and help
// that opens or closes leaves alone what stays.
func TestSlowLineAnswersAtOnce(t *testing.T) {
	t.Parallel()
	const atOnce = 288
	for _, size := range []teatest.Size{normal, wide} {
		t.Run(fmt.Sprintf("%dx%d", size.W, size.H), func(t *testing.T) {
			t.Parallel()
			s := play(t, size)
			press := func(keys ...string) string {
				s.Settled()
				before := len(s.Output())
				s.Press(keys...)
				s.Settled()
				return s.Output()[before:]
			}
			moves := func(where string, keys ...string) {
				s.WaitFor("a highlighted row", highlighted)
				for i, k := range keys {
					above := firstRow(s.Screen())
					if out := press(k); len(out) > atOnce && firstRow(s.Screen()) == above {
						t.Errorf("%s, key %d, %s: %d bytes, want at most %d: %q", where, i, k, len(out), atOnce, out)
					}
				}
			}
			helps := func() {
				for _, k := range []string{"?", "esc"} {
					if out := press(k); strings.Contains(out, "trainee") {
						t.Errorf("%s draws the first line anew: %q", k, out)
					}
				}
			}
			find(s)
			moves("clusters of all projects", "down", "down", "up")
			toProjects(s)
			moves("projects", "down", "down", "up")
			helps()
			s.pick("Payments")
			s.Wait("whose data")
			moves("clusters", "down", "up")
			s.pick("orders-prod")
			s.Wait("which state of the data")
			s.WaitFor("the window on the timeline", func(screen string) bool { return strings.Contains(screen, "━") })
			above, turned := "", 0
			for range 12 {
				moves("snapshots", "down")
				if now := firstRow(s.Screen()); now != above {
					above = now
					turned++
				}
			}
			if turned > 3 { // the first page is one of them
				t.Errorf("twelve keys turn %d pages", turned)
			}
			moves("snapshots", "up", "up")
			helps()
			press("enter")
			s.Wait("how is it delivered")
			moves("deliveries", "down", "up")
		})
	}
}

// firstRow is the first row of a list with a filter, below the heads of its columns.
func firstRow(screen string) string {
	_, list, _ := strings.Cut(screen, "\n   › ") // the filter, not the way above it
	_, rows, _ := strings.Cut(list, "\n")
	row, rows, _ := strings.Cut(rows, "\n")
	if row == strings.ToUpper(row) {
		row, _, _ = strings.Cut(rows, "\n")
	}
	return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(row), "▌"))
}
