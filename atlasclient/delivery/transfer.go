package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
	"atlas-restore/state/text"
)

// How often and how long a fault that may pass is tried again. A byte that was not there before
// begins the count anew.
const (
	mostTries    = 8
	triesAtFirst = 3 // while nothing was ever reached: the causes do not pass
	firstPause   = time.Second
	longestPause = time.Minute
	longestAsked = 5 * time.Minute // a server that wants to rest for longer is left
	mostAnews    = 5               // from the first byte on
	mostSlow     = 3               // connections that are given up for being slow
)

// transfer fetches one file.
type transfer struct {
	*run

	i    int
	name string
	file fetch.File

	out      file
	part     bool // that is the part, and not a file of the final name
	side     sidecar
	at       int64 // bytes written
	reserved int64 // bytes of the part that have their room on the disk
	top      int64 // the most that ever were
	proof    *follower
	keep     saver
	meter    meter
	told     time.Time // when the last bytes were

	reached  bool // a connection has stood
	answered bool // the server has told whether it can begin in the middle
	private  bool // … over a private endpoint
	host     string
	prefer   int  // how far the links are turned
	unsure   bool // the end came without a length: it may be none
	tries    int
	anews    int
	slow     int
	late     bool // it was said that the link ends first
	verdict  fetch.Verdict
	box      *unpacking   // nil: nothing is unpacked
	unpacked string       // the directory that is there
	finished bool         // it bears its final name
	aside    string       // the name under which it is kept, not proven
	strayed  *fetch.Error // somebody has taken away what was written; nil: nobody
}

// fetch brings the file to its end, whichever that is.
func (t *transfer) fetch(ctx context.Context) fetch.Fetched {
	t.side.Total = -1
	err := t.toTheEnd(ctx)
	t.needs[t.i].Store(0)
	if t.proof != nil {
		t.proof.drop()
	}
	t.box.drop()
	err = errors.Join(err, t.close(err != nil && !t.finished && t.aside == ""))
	if t.strayed != nil {
		if t.disk.Named() {
			_ = t.tidy() // what stood beside it tells of nothing
		}
		return lost(fetch.Fetched{Name: t.name, ReplicaSet: t.file.ReplicaSet, Total: t.side.Total}, t.strayed)
	}
	if t.part && t.at == 0 && !t.finished && t.aside == "" {
		t.clear()
	}
	out := fetch.Fetched{Name: t.name, ReplicaSet: t.file.ReplicaSet, Bytes: t.at, Total: t.side.Total, Verdict: t.verdict, State: fetch.Untouched, NoRanges: t.wholeOnly()}
	switch {
	case t.finished:
		out.State, out.Path, out.Directory = fetch.Proven, t.path(t.name), t.unpacked
	case t.aside != "":
		out.State, out.Path, out.Directory = fetch.Aside, t.path(t.aside), t.unpacked
	case t.at > 0:
		out.State, out.Path = fetch.Kept, t.path(t.name+partEnding)
	}
	if err != nil {
		out.Err = problem(err)
		if out.State == fetch.Proven { // its name is there, and is not safe yet
			out.State = fetch.Kept
		}
	} else if t.box != nil && t.box.failed != nil {
		out.Err = t.box.failed
	}
	return out
}

func (t *transfer) toTheEnd(ctx context.Context) error {
	if done, err := t.begin(ctx); done || err != nil {
		return err
	}
	for {
		if err := t.all(ctx); err != nil {
			return err
		}
		again, err := t.judge(ctx)
		if err != nil || !again {
			return err
		}
		if err := t.pause(ctx, &fetch.Error{Problem: fetch.Cut, Host: t.host, Why: "the connection to " + t.host + " ended before the file did, without saying so"}); err != nil {
			return err
		}
	}
}

// all asks until every byte is there.
func (t *transfer) all(ctx context.Context) error {
	for !t.side.Whole {
		if ctx.Err() != nil {
			return t.left(ctx)
		}
		links, private, expires, generation := t.links(t.i)
		var err *fetch.Error
		switch now := t.now(); {
		case len(links) == 0:
			err = &fetch.Error{Problem: fetch.NoLink, Why: "Atlas lists no link for " + t.name, Advice: "The download is not complete without it. Look at the job again: a link may come late."}
		case !expires.IsZero() && !now.Before(expires):
			err = &fetch.Error{Problem: fetch.Stale, Why: fmt.Sprintf("the link's time is over since %s", expires.UTC().Format("15:04:05 UTC")), Advice: askAnother}
		default:
			err = t.attempt(ctx, links, private)
		}
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return t.left(ctx)
		case err.Problem == fetch.Stale, err.Problem == fetch.NoLink:
			if renewed := t.newLinks(ctx, generation, err); renewed != nil {
				return renewed
			}
		default:
			if err := t.pause(ctx, err); err != nil {
				return err
			}
		}
	}
	return nil
}

const askAnother = "Ask for another download job of the same snapshot: it erases nothing. With its links the fetch goes on where it ended, if the file is the same."

// newLinks asks for links in the place of some that are not good any more.
func (t *transfer) newLinks(ctx context.Context, generation int, why *fetch.Error) error {
	if t.opt.Renew != nil {
		e := t.event(fetch.Renew)
		e.Err = why
		t.tell(e)
	}
	got, err := t.renew(ctx, generation)
	switch {
	case ctx.Err() != nil:
		return t.left(ctx)
	case err != nil:
		out := &fetch.Error{Problem: why.Problem, Host: why.Host, Status: why.Status, Why: why.Why + ". Atlas gave no other link: " + text.CleanError(err), Advice: why.Advice}
		if known := new(state.Advised); errors.As(err, &known) {
			out.Advice = known.Advice
		}
		return out
	case !got:
		return why
	}
	return nil
}

// pause waits before the next try, where there is one.
func (t *transfer) pause(ctx context.Context, err *fetch.Error) error {
	if !err.Passes() {
		return err
	}
	if t.at > t.top {
		t.top, t.tries = t.at, 0
	}
	t.tries++
	most := mostTries
	if !t.reached {
		most = triesAtFirst
	}
	wait := jitter(min(firstPause<<(t.tries-1), longestPause))
	if err.After > 0 {
		wait = err.After + wait/4
	}
	if t.tries >= most || err.After > longestAsked {
		given := *err
		given.Why += fmt.Sprintf(" (given up after %d tries)", t.tries)
		return &given
	}
	e := t.event(fetch.Again)
	e.Err, e.Try, e.Of, e.In = err, t.tries+1, most, wait
	t.tell(e)
	if t.opt.sleep(ctx, wait) != nil {
		return t.left(ctx)
	}
	return nil
}

// left says that the caller left, and what there is.
func (t *transfer) left(ctx context.Context) *fetch.Error {
	e := &fetch.Error{Problem: fetch.Left, Why: "left before its first byte", Cause: ctx.Err()}
	if t.at > 0 {
		e.Why = fmt.Sprintf("left at %s, which are kept", state.Size(t.at))
		e.Advice = "Fetching again goes on there, as long as the link is good."
		if t.wholeOnly() {
			e.Advice = "The server cannot go on in the middle: fetched again, it comes from the first byte on, as long as the link is good."
		}
	}
	return e
}

// wholeOnly says whether what is there cannot be gone on with, as far as the server has told.
func (t *transfer) wholeOnly() bool {
	return (t.at > 0 || t.answered) && !t.side.Ranges && !t.side.Whole
}

// event is one of this file, as it stands.
func (t *transfer) event(k fetch.Kind) fetch.Event {
	now := time.Now()
	e := fetch.Event{Kind: k, Index: t.i, Name: t.name, Host: t.host, Private: t.private, Done: t.at, Total: t.side.Total, Speed: t.meter.speed(now), Left: -1, NoRanges: t.wholeOnly()}
	if t.proof != nil {
		e.Proven = t.proof.read()
	}
	if e.Total >= 0 && e.Speed > 0 {
		e.Left = time.Duration(float64(e.Total-e.Done) / e.Speed * float64(time.Second))
	}
	return e
}

func (t *transfer) note(text string) {
	e := t.event(fetch.Note)
	e.Text = text
	t.tell(e)
}
