package teatest_test

import (
	"regexp"
	"strings"
	"testing"

	"atlas-restore/state"
)

// listsActions asserts that the palette lists what can be done on the page, that a key that means
// nothing says so, and that neither submits anything.
func (s *stage) listsActions() {
	s.t.Helper()
	posts := len(s.posts())
	s.Press("f11")
	s.Wait("does nothing here")
	s.Press("ctrl+p")
	s.Wait("type what you want to do")
	s.Wait("ctrl+c")
	s.Type("help")
	s.WaitFor("the row of the help", func(screen string) bool { return strings.Contains(row(screen), "help") })
	s.Press("enter")
	s.Wait("Keys of this page")
	s.Press("esc")
	s.Settled()
	if n := len(s.posts()); n != posts {
		s.t.Errorf("%d requests more", n-posts)
	}
}

// Where nothing is chosen yet Enter is answered by the field: it says what to do, and takes
// nothing.
func TestEnterSaysWhatToChoose(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toSnapshots("Payments", "orders-prod")
	s.Press("enter")
	s.toDelivery(state.Automated)
	s.Wait("› Target cluster")
	s.WaitFor("the targets", listed.MatchString)
	s.Press("enter")
	s.Wait("nothing is chosen yet")
	s.noPosts()
}

// A key stands for one thing, also where the keys of a page and those of a job beside it meet.
func TestAKeyIsOneThing(t *testing.T) {
	t.Parallel()
	s := play(t, roomy)
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	s.AssertTarget("orders-prod-restore")
	s.Confirm("orders-prod-restore")
	s.Wait("RUNNING")
	s.Press("n")
	s.Wait("Another restore?")
	s.Press("n")
	find(s)
	s.pick("orders-prod")
	s.Wait("which state of the data")
	s.WaitFor("a highlighted row", highlighted)
	s.Press("enter")
	s.toDelivery(state.Download)
	s.Press("ctrl+p")
	s.Wait("back to the job")
	s.Wait("change the delivery")
	seen := map[string]string{}
	for line := range strings.Lines(s.Screen()) {
		words := strings.Fields(line)
		if len(words) < 2 || !regexp.MustCompile(`^(f\d+|ctrl\+.)$`).MatchString(words[len(words)-1]) {
			continue
		}
		key := words[len(words)-1]
		if other, twice := seen[key]; twice {
			t.Errorf("%s stands for %q and for %q", key, strings.TrimSpace(other), strings.TrimSpace(line))
		}
		seen[key] = line
	}
	if len(seen) < 5 {
		t.Errorf("the palette has %v", seen)
	}
}
