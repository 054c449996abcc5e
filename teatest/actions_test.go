package teatest_test

import (
	"strings"
	"testing"

	"atlas-restore/state"
)

// On every page the palette lists what can be done, a key that means nothing says so, and
// neither submits anything.
func TestActions(t *testing.T) {
	t.Parallel()
	for _, m := range moments() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			s := play(t, normal)
			m.walk(s)
			if strings.HasPrefix(m.name, "help") || m.name == "elsewhere" {
				s.Press("esc") // what lies over the page goes first
			}
			posts := len(s.posts())
			s.Press("f10")
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
				t.Errorf("%d requests more", n-posts)
			}
		})
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
	s.Wait("› Target project")
	s.Press("enter")
	s.Wait("› Target cluster")
	s.WaitFor("the targets", listed.MatchString)
	s.Press("enter")
	s.Wait("nothing is chosen yet")
	s.noPosts()
}
