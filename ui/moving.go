package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// What lives on the screen, moves: ages, countdowns and elapsed times are true to their last
// unit. A page need not say what it tells of time. The next frame is drawn beforehand, for later
// and later instants, and where it first differs from the one on the screen a timer is set:
// one for each change of a unit that is seen, and none where there is nothing to change.

// moving is the timer for the next change.
type moving struct {
	gen   int       // of the timer that counts: there is one
	await bool      // it waits until nothing has come for a while
	last  time.Time // when something has come, by this machine's clock
	set   time.Time // when it was set for a change, by Atlas's clock
}

// The messages of the timers: nothing has come for a while, and a unit has changed.
type (
	restMsg   struct{ gen int }
	changeMsg struct{ gen int }
)

const (
	restAfter = 200 * time.Millisecond // from the last message on: keys come faster
	grain     = 100 * time.Millisecond // how exactly the change of a unit is found
	farthest  = 48 * time.Hour         // nothing that is told changes less often
)

// moved is to be called after each message but those of the timers: what is seen may be something
// else now.
func (r *Root) moved() tea.Cmd {
	r.moving.last = time.Now()
	if r.moving.await || r.w == 0 {
		return nil
	}
	return r.await(restAfter)
}

// await has the next change looked for after a while.
func (r *Root) await(d time.Duration) tea.Cmd {
	r.moving.await = true
	r.moving.gen++
	gen := r.moving.gen
	return tea.Tick(d, func(time.Time) tea.Msg { return restMsg{gen} })
}

// rest looks for the next change, once nothing has come for a while.
func (r *Root) rest(msg restMsg) tea.Cmd {
	if msg.gen != r.moving.gen {
		return nil
	}
	if since := time.Since(r.moving.last); since < restAfter {
		return r.await(restAfter - since)
	}
	r.moving.await = false
	return r.changed()
}

// changed sets the timer for the next change of what is on the screen. A clock that has stood
// since the last timer was set needs none.
func (r *Root) changed() tea.Cmd {
	if r.moving.await {
		return nil // it is looked for in a moment
	}
	now := r.run.Cfg.Now()
	if now.Equal(r.moving.set) {
		return nil
	}
	in := r.changes(now)
	if in == 0 {
		return nil
	}
	r.moving.gen++
	r.moving.set = now
	gen := r.moving.gen
	return tea.Tick(r.run.Cfg.Every(in), func(time.Time) tea.Msg { return changeMsg{gen} })
}

// changes is in what time the frame of now is another one by itself; 0 for never.
func (r *Root) changes(now time.Time) time.Duration {
	is := r.frameAt(now)
	same, other := time.Duration(0), time.Second
	for r.frameAt(now.Add(other)) == is {
		if same, other = other, 2*other; other > farthest {
			return 0
		}
	}
	every := r.run.Cfg.Every
	for other-same > grain && every(other) > every(same) { // a fast clock needs it less exactly
		if mid := (same + other) / 2; r.frameAt(now.Add(mid)) == is {
			same = mid
		} else {
			other = mid
		}
	}
	return other
}

// frameAt is what would be on the screen at an instant, if nothing came before it.
func (r *Root) frameAt(at time.Time) string {
	var content string
	r.frame.Draw(at, func() { content = r.draw().Content })
	return content
}
