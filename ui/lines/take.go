package lines

import (
	"context"
	"errors"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/watch"
	"atlas-restore/ui/steps"
)

// errTook says that the snapshot which was waited for is the one that was wanted.
var errTook = errors.New("it was taken")

// take takes an on-demand snapshot and waits for its end. Where another one is not
// finished it waits for that first, as Atlas demands.
func (f *face) take() error {
	cluster := f.run.TakenFrom()
	f.say("New snapshot: Atlas takes a snapshot of " + cluster.Name + " as it is now, as soon as you have answered two questions. There is no review: it erases nothing.")
	before, err := f.freeWay()
	if errors.Is(err, errTook) {
		return nil
	}
	if err != nil {
		return err
	}
	usual := steps.TakeDescription
	if f.run.Step() == steps.StepSafety {
		usual = steps.SafetyDescription
	}
	description, err := f.answer("Description, enter takes " + usual + ":")
	switch {
	case err != nil:
		return err
	case command(description) == "b":
		return errBack
	case command(description) == "q":
		return ErrLeft
	case command(description) == "?":
		f.help(steps.StepTake)
		return nil
	case description == "":
		description = usual
	}
	if err := steps.CheckDescription(description); err != nil {
		f.say(sentence(err))
		return nil
	}
	days, err := f.days()
	if errors.Is(err, errBack) {
		return nil // the description is asked anew
	}
	if err != nil {
		return err
	}
	f.say("Asking Atlas for a snapshot, once.")
	asked := steps.TakeRequest{Description: description, Before: before}
	f.run.Asks(asked)
	snap, err := await(f, "Asking Atlas for a snapshot", func(ctx context.Context) (state.Snapshot, error) {
		return f.run.Cfg.Atlas.TakeSnapshot(ctx, cluster, description, days)
	})
	if err != nil {
		f.run.Untaken(err)
		asked.Lost = err
		if snap, err = f.taken(asked); err != nil || snap.ID == "" {
			return err
		}
	}
	f.run.Takes(snap)
	return f.took(snap)
}

// days asks for how long the snapshot is kept.
func (f *face) days() (int, error) {
	for {
		typed, err := f.answer("Kept for days, enter takes " + steps.TakeDays + ":")
		if err != nil {
			return 0, err
		}
		switch command(typed) {
		case "b":
			return 0, errBack
		case "q":
			return 0, ErrLeft
		case "?":
			f.help(steps.StepTake)
			continue
		case "":
			typed = steps.TakeDays
		}
		days, err := steps.ParseDays(typed)
		if err == nil {
			return days, nil
		}
		f.say(sentence(err))
	}
}

// freeWay waits until no on-demand snapshot is unfinished, and gives the list as it is then.
func (f *face) freeWay() ([]state.Snapshot, error) {
	cluster := f.run.TakenFrom()
	for {
		all, err := load(f, "Loading the snapshots of "+cluster.Name, func(ctx context.Context) ([]state.Snapshot, error) {
			return f.run.Cfg.Atlas.Snapshots(ctx, cluster)
		})
		if err != nil {
			return nil, err
		}
		s, ours := f.run.Asked().Again(all, f.run.Cfg.Now())
		if !ours {
			var busy bool
			if s, busy = steps.Unfinished(all); !busy {
				return all, nil
			}
			ours = f.run.Step() == steps.StepSafety && s.IsSafety() // asked for here before, and left
		}
		if ours {
			f.run.Takes(s)
		} else {
			f.say(steps.TakeWaits)
		}
		end, err := f.followSnapshot(s)
		if err != nil {
			return nil, err
		}
		switch bad := end.Usable(f.run.Cfg.Now()); {
		case ours && bad == nil:
			f.run.Took(end)
			return nil, errTook
		case ours:
			f.run.Fails(bad)
		}
	}
}

// taken says what became of a request that failed: refused, or, where its answer was
// lost, the snapshot that it has made after all; none where that is not known.
func (f *face) taken(asked steps.TakeRequest) (state.Snapshot, error) {
	cause := asked.Lost
	if errors.Is(cause, ErrLeft) {
		return state.Snapshot{}, cause
	}
	if steps.NotTaken(cause) {
		f.say(state.Explain("Taking a snapshot", cause).Text())
		return state.Snapshot{}, nil
	}
	cluster := f.run.TakenFrom()
	look := "b goes back to the snapshots, which are listed anew."
	if f.run.Step() == steps.StepSafety {
		look = "b goes back to the review, which looks again."
	}
	f.say("Whether Atlas takes it is not known: " + state.Why(cause) + " " + steps.TakeSeeks)
	after, err := load(f, "Looking whether it was taken", func(ctx context.Context) ([]state.Snapshot, error) {
		return f.run.Cfg.Atlas.Snapshots(ctx, cluster)
	})
	if err != nil {
		return state.Snapshot{}, err
	}
	snap, ok := asked.Find(after)
	if !ok {
		f.say(steps.TakeUnknown(cause, asked.Seen(after), look).Text())
	}
	return snap, nil
}

// took waits for the end of the snapshot that was asked for, and goes on with it.
func (f *face) took(snap state.Snapshot) error {
	f.say(steps.TakeNormal)
	end, err := f.followSnapshot(snap)
	if err != nil {
		return err
	}
	if bad := end.Usable(f.run.Cfg.Now()); bad != nil {
		f.run.Fails(bad)
		f.say("It cannot be used; take another one.")
		return nil
	}
	f.run.Took(end)
	return nil
}

// followSnapshot says each change of a snapshot until its end. b leads back; the snapshot
// goes on.
func (f *face) followSnapshot(s state.Snapshot) (state.Snapshot, error) {
	cfg, cluster := f.run.Cfg, f.run.TakenFrom()
	next := cfg.Now().Add(watch.Delay(0))
	f.say(steps.TakeWords(s, cfg.Now()) + " b goes back; the snapshot goes on.")
	tick := time.NewTicker(cfg.Every(time.Second))
	defer tick.Stop()
	said := time.Now()
	for looks := 1; !s.Ended(); {
		select {
		case <-tick.C:
			if time.Since(said) >= f.heartbeat {
				f.say(steps.TakeWords(s, cfg.Now()))
				said = time.Now()
			}
			if cfg.Now().Before(next) {
				continue
			}
			seen, err := await(f, "Looking at the snapshot", func(ctx context.Context) (state.Snapshot, error) { return cfg.Atlas.Snapshot(ctx, cluster, s.ID) })
			switch {
			case errors.Is(err, ErrLeft):
				return s, err
			case err != nil && watch.Final(err):
				f.say(state.Explain("Looking at the snapshot", err).Text())
				f.run.Fails(err)
				return s, errBack
			case err != nil:
				f.say(state.Explain("Looking at the snapshot", err).Text())
				next = cfg.Now().Add(watch.AfterError(err))
				continue
			}
			next = cfg.Now().Add(watch.Delay(looks))
			looks++
			if seen.Status != s.Status {
				f.say(steps.TakeWords(seen, cfg.Now()))
				said = time.Now()
			}
			s = seen
		case line, ok := <-f.in.next():
			f.in.took()
			if !ok {
				return s, ErrLeft
			}
			if f.weary() {
				return s, errNowhere
			}
			switch word := command(strings.TrimSpace(line)); word {
			case "q":
				return s, ErrLeft
			case "b":
				return s, errBack
			case "":
			case "?":
				f.help(steps.StepTake)
			case "s":
				f.say(steps.TakeWords(s, cfg.Now()))
			default:
				f.say(quoted(line) + " means nothing here. s says how it stands, b goes back, q leaves.")
			}
		case <-f.interrupt:
			return s, ErrLeft
		case <-f.ctx.Done():
			return s, ErrLeft
		}
	}
	return s, nil
}
