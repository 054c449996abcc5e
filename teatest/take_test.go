package teatest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
)

// taken are the bodies of the snapshots that were asked for.
func (w *world) taken() []string {
	var out []string
	for _, r := range w.sim.Requests() {
		if r.Method == http.MethodPost && strings.HasSuffix(r.Path, "/backup/snapshots") {
			out = append(out, r.Body)
		}
	}
	return out
}

func onTake(f simulator.Fault) simulator.Fault {
	f.Method, f.PathContains = http.MethodPost, "/backup/snapshots"
	return f
}

// A new snapshot is asked for once, waited for, and is then the chosen one.
func TestTakeSnapshot(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]struct{ narrow bool }{"normal": {}, "narrow": {true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := prepare(t)
			at := normal
			if size.narrow {
				at = narrow
			}
			s.start(at)
			s.toSnapshots("Payments", "orders-prod")
			s.Press("ctrl+n")
			s.Wait("New snapshot of orders-prod")
			s.WaitGone("Loading")
			s.Wait("› Description")
			s.Press("ctrl+u")
			s.Type("before the restore")
			s.Press("tab", "ctrl+u")
			s.Type("0")
			s.Press("enter")
			s.Wait("whole days are needed")
			if n := len(s.taken()); n != 0 {
				t.Fatalf("%d were asked for", n)
			}
			s.Press("backspace")
			s.Type("3\r\r\r")
			s.Wait("is queued")
			s.WithinSize()
			s.sim.Advance(30 * time.Second)
			s.Wait("is in progress")
			s.sim.Advance(4 * time.Minute)
			s.Wait("how is it delivered")
			if got := s.taken(); len(got) != 1 || got[0] != `{"description":"before the restore","retentionInDays":3}` {
				t.Errorf("asked for %v", got)
			}
			s.Wait(moveFirst)
			s.Press("up", "enter")
			s.Wait("submitted yet")
			s.WaitFor("the snapshot by its words", func(screen string) bool { return strings.Contains(flat(screen), "before th") })
			s.Press("tab", "enter")
			s.await("the job", func() bool { return len(s.posts()) == 1 && len(s.events()) == 2 })
		})
	}
}

// Another on-demand snapshot that is not finished is named and waited for, whether it was
// there before or came meanwhile.
func TestTakeWaitsForAnother(t *testing.T) {
	t.Parallel()
	take := func(t *testing.T, w *world) {
		t.Helper()
		c := w.cfg.Atlas
		projects, err := c.Projects(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range projects {
			if p.Name != "Payments" {
				continue
			}
			if _, err := c.TakeSnapshot(t.Context(), state.Cluster{ProjectID: p.ID, Name: "orders-prod", Type: state.ReplicaSet}, "of a colleague", 1); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Run("before", func(t *testing.T) {
		t.Parallel()
		s := prepare(t)
		take(t, s.world)
		s.start(normal)
		s.toSnapshots("Payments", "orders-prod")
		s.Press("ctrl+n")
		s.Wait(`The snapshot "of a colleague" is queued`)
		s.Wait("Atlas takes one on-demand snapshot")
		s.Press("enter", "enter", "enter")
		s.sim.Advance(5 * time.Minute)
		s.Wait("Now another one can be taken.")
		s.Press("enter", "enter")
		s.Wait("taken with atlas-restore")
		s.Wait("is queued")
		if n := len(s.taken()); n != 2 {
			t.Errorf("%d were asked for", n)
		}
		s.Press("esc")
		s.Wait("which state of the data")
		s.Wait("queued: not taken yet") // the list is not the old one
	})
	t.Run("meanwhile", func(t *testing.T) {
		t.Parallel()
		s := prepare(t)
		s.start(normal)
		s.toSnapshots("Payments", "orders-prod")
		s.Press("ctrl+n")
		s.WaitGone("Loading")
		s.Wait("› Description")
		take(t, s.world)
		s.Press("enter", "enter")
		s.Wait(`The snapshot "of a colleague" is queued`)
		s.sim.Advance(5 * time.Minute)
		s.Wait("Now another one can be taken.")
	})
	t.Run("lines", func(t *testing.T) {
		t.Parallel()
		d := prepareTalk(t)
		take(t, d.world)
		d.start()
		d.toSnapshots("Payments", "orders-prod")
		d.Say("new")
		d.Wait(`The snapshot "of a colleague" is queued`)
		d.sim.Advance(5 * time.Minute)
		d.answer("Description, enter takes", "before the restore")
		d.answer("Kept for days, enter takes 2:", "")
		d.Wait(`The snapshot "before the restore" is queued`)
		d.sim.Advance(5 * time.Minute)
		d.Wait(`The snapshot "before the restore" is completed.`)
		d.answer(askDelivery, "download")
		d.Wait("(before the restore)")
	})
}

// Whatever becomes of the answer, a snapshot is asked for once; one that was made all the
// same is found by what is new.
func TestTakeOnce(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault simulator.Fault
		says  string
	}{
		"lost after":  {simulator.Fault{Drop: simulator.AfterCommit}, "is queued"},
		"lost before": {simulator.Fault{Drop: simulator.BeforeCommit}, "OUTCOME UNKNOWN: Atlas was asked for a snapshot"},
		"500":         {simulator.Fault{Status: 500, ErrorCode: "UNEXPECTED_ERROR"}, "500 UNEXPECTED_ERROR"},
		"403":         {simulator.Fault{Status: 403, ErrorCode: "ACCESS_FORBIDDEN"}, "Project Backup Creator"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := play(t, normal)
			s.toSnapshots("Payments", "orders-prod")
			s.Press("ctrl+n")
			s.WaitGone("Loading")
			s.Wait("› Description")
			s.sim.Fail(onTake(tc.fault))
			s.Press("enter", "enter")
			s.Wait(tc.says)
			s.Settled()
			if n := len(s.taken()); n != 1 {
				t.Errorf("%d were asked for", n)
			}
			s.Press("esc")
			s.Wait("which state of the data")
			s.noPosts()

			d := talk(t)
			d.toSnapshots("Payments", "orders-prod")
			d.sim.Fail(onTake(tc.fault))
			d.Say("new")
			d.answer("Description, enter takes", "")
			d.answer("Kept for days, enter takes 2:", "")
			d.Wait(tc.says)
			if n := len(d.taken()); n != 1 {
				t.Errorf("lines: %d were asked for", n)
			}
			d.CloseInput()
			d.leave(state.OutcomeAborted)
			d.noPosts()
		})
	}
}
