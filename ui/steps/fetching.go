package steps

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
	"atlas-restore/state/journal"
)

// Fetching is how it stands with the files of a download that is fetched in this run: pure data, so
// that every face tells the same. No link is in it but those that were seen to give nothing more.
type Fetching struct {
	Before *journal.Fetch  // what an earlier run has written down; nil: nothing
	Dir    string          // that this run fetches into; empty: it has fetched nothing
	Rows   []FetchRow      // of the files, in Atlas's order
	Tight  bool            // it was begun although the files may not fit on the disk
	Busy   bool            // it is under way
	Stops  bool            // it was told to stop, and what is there is being kept
	Notes  []string        // what is to be known, a sentence each
	Done   *Download       // what became of it; nil before
	Limit  *fetch.Limit    // how fast it may come, which can be changed at any time; nil: nothing was fetched
	Seen   bool            // that was on the screen
	Gone   []state.Secret  // links that gave nothing more, as this run has seen
	Asks   bool            // another download of the same snapshot is being asked for
	Doubt  error           // whether that was made is not known; nil if it is
	Then   string          // the directory into which the files are fetched as soon as there are links
	Past   []Summary       // the downloads in whose place the present one stands
	Proved []journal.Fetch // earlier fetches of the same snapshot that have proven files
}

// FetchRow is one of the files.
type FetchRow struct {
	Name string
	set  string      // its replica set; empty for the only one
	Now  fetch.Event // the newest; without a kind: its turn has not come
	Used bool        // bytes have come over its link
}

// Begun says whether this run has fetched, or does.
func (f *Fetching) Begun() bool { return f != nil && f.Dir != "" }

// Downloaded says whether each file is proven: as this run has seen it, or an earlier one.
func (f *Fetching) Downloaded() bool {
	switch {
	case f == nil || f.Busy:
		return false
	case f.Done != nil:
		return f.Done.Outcome == state.OutcomeDownloaded
	}
	return f.Before.Proven()
}

// settled says whether nothing is left to fetch: each file is proven, or is whole and never will be.
func (f *Fetching) settled() bool {
	if f == nil || f.Done == nil || len(f.Done.Files) == 0 {
		return f.Downloaded()
	}
	return !slices.ContainsFunc(f.Done.Files, func(r FileResult) bool { return r.State == fetch.Kept || r.State == fetch.Untouched })
}

// Stopped says whether it was left before its end, by somebody who wanted that.
func (f *Fetching) Stopped() bool {
	return f != nil && f.Done != nil && f.Done.Outcome == state.OutcomeAborted
}

// Where is the directory of the files; empty where nothing was fetched.
func (f *Fetching) Where() string {
	switch {
	case f == nil:
		return ""
	case f.Dir == "" && f.Before != nil:
		return f.Before.Dir
	}
	return f.Dir
}

// noMiddle is why what is there is not gone on with.
const noMiddle = "The server cannot go on in the middle"

// NoRanges says whether the server cannot go on in the middle of a file that has begun to come: what is
// there of it would be fetched from the first byte on.
func (f *Fetching) NoRanges() bool {
	return f != nil && slices.ContainsFunc(f.Rows, func(r FetchRow) bool { return r.Now.NoRanges })
}

// StopLoses says before a fetch is stopped what that costs; empty where it costs nothing.
func (f *Fetching) StopLoses() string {
	if f == nil || !f.Busy || !f.NoRanges() {
		return ""
	}
	return noMiddle + ": once stopped, the file is fetched from the first byte on."
}

// take takes what has happened to a file.
func (f *Fetching) take(e fetch.Event) {
	if e.Kind == fetch.Note {
		text := fullStop(e.Text)
		if e.Name != "" {
			text = e.Name + ": " + e.Text + "."
		}
		if !slices.Contains(f.Notes, text) {
			f.Notes = append(f.Notes, text)
		}
		return
	}
	if e.Kind == fetch.Anew && e.Text != "" { // the row tells it for a moment only
		f.Notes = append(f.Notes, fmt.Sprintf("%s is fetched from the first byte on, since %s. %s were given up.", e.Name, e.Text, state.Size(e.Done)))
	}
	if e.Kind == fetch.Told || e.Index < 0 || e.Index >= len(f.Rows) {
		return
	}
	row := &f.Rows[e.Index]
	row.Now = e
	row.Used = row.Used || e.Kind == fetch.Began || e.Kind == fetch.Moved || e.Kind == fetch.Ended && e.Done > 0
}

// apart is a copy that another goroutine may have.
func (f *Fetching) apart() Fetching {
	out := *f
	out.Rows, out.Notes = slices.Clone(f.Rows), slices.Clone(f.Notes)
	return out
}

// Words say in few words how it stands with a file, and its role. Warns says that it is no end, and
// not as it should be.
func (r FetchRow) Words() (words string, role Role, warns bool) {
	switch e := r.Now; e.Kind {
	case "":
		return "waits", Plain, false
	case fetch.Host:
		return "connected", Running, false
	case fetch.Began, fetch.Moved:
		if e.Total > 0 {
			return fmt.Sprintf("fetching %d %%", share(e.Done, e.Total)), Running, false
		}
		return "fetching", Running, false
	case fetch.Again:
		return fmt.Sprintf("try %d of %d", e.Try, e.Of), Running, true
	case fetch.Anew:
		return "starts over", Running, true
	case fetch.Renew:
		return "asks for link", Running, true
	case fetch.Judged:
		return "proving", Running, false
	case fetch.Ended, fetch.Note, fetch.Told:
	}
	switch err := r.Now.Err; {
	case err == nil:
		return "proven", Good, false
	case err.Problem == fetch.Left && r.Now.Done > 0:
		return "stopped, kept", Plain, true
	case err.Problem == fetch.Left:
		return "not begun", Plain, true
	case err.Problem == fetch.Damaged:
		return "damaged", Danger, false
	case err.Problem == fetch.Unproven:
		return "not proven", Danger, false
	case err.Problem == fetch.Unpacking:
		return "not unpacked", Danger, false
	}
	return "not fetched", Danger, false
}

// Ended says whether nothing more happens to it.
func (r FetchRow) Ended() bool { return r.Now.Kind == fetch.Ended }

// Bytes are those on disk, and of how many.
func (r FetchRow) Bytes() string {
	switch e := r.Now; {
	case e.Kind == "", e.Kind == fetch.Host && e.Done == 0:
		return ""
	case e.Total < 0 && !r.Ended():
		return state.Size(e.Done) + " of ?"
	case e.Done == e.Total || e.Total <= 0:
		return state.Size(e.Done)
	}
	return bytesOf(r.Now.Done, r.Now.Total)
}

// bytesOf is a part of a whole, with the unit said once where it is the same.
func bytesOf(done, total int64) string {
	part, whole := state.Size(done), state.Size(total)
	n, unit, _ := strings.Cut(part, " ")
	if strings.HasSuffix(whole, " "+unit) {
		part = n
	}
	return part + " of " + whole
}

// Speed is how fast it comes; empty where it does not.
func (r FetchRow) Speed() string {
	if !r.comes() || r.Now.Speed <= 0 {
		return ""
	}
	return perSecond(r.Now.Speed)
}

// Left is for how long it will come at this speed; empty where that is not known.
func (r FetchRow) Left() string {
	if !r.comes() || r.Now.Left < 0 {
		return ""
	}
	return shortly(r.Now.Left)
}

// shortly is a time that is left, in one unit: it is a guess.
func shortly(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", max(1, int(d/time.Second)))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d d", d/(24*time.Hour))
}

func (r FetchRow) comes() bool { return r.Now.Kind == fetch.Moved || r.Now.Kind == fetch.Began }

// Detail is what there is to say of it beside that: what was proven, or what is wrong and what to do
// about it, a sentence each.
func (r FetchRow) Detail() []string {
	e := r.Now
	var out []string
	switch {
	case e.Err != nil && e.Err.Problem == fetch.Left && e.Done > 0:
		text := "Stopped. The " + state.Size(e.Done) + " that have come are kept."
		if e.NoRanges {
			text = "Stopped at " + state.Size(e.Done) + ". " + noMiddle + ": the file would be fetched from the first byte on."
		}
		out = append(out, text)
	case e.Err != nil && e.Err.Problem == fetch.Left:
		out = append(out, "Stopped before its first byte.")
	case e.Err != nil:
		what := fullStop(e.Err.Why)
		if !strings.Contains(what, r.Name) { // else it says itself which file it is
			what = cmp.Or(r.set, r.Name) + ": " + what
		}
		out = append(out, what)
		if e.Err.Advice != "" && e.Kind == fetch.Ended {
			out = append(out, e.Err.Advice)
		}
	case e.Kind == fetch.Anew:
		out = append(out, "It is fetched from the first byte on, since "+e.Text+".")
	case e.Kind == fetch.Ended && e.Text != "":
		out = append(out, fullStop(e.Text))
	case e.Kind == fetch.Judged:
		out = append(out, "All bytes are there; the proof reads the last of them.")
	case e.Host != "":
		from := "From " + e.Host
		if e.Private {
			from += ", over a private endpoint"
		}
		if out = append(out, from+"."); r.comes() && e.Total < 0 {
			out = append(out, "Its length is unknown: the server does not say it.")
		}
	}
	return out
}

func fullStop(text string) string {
	if text == "" || text[len(text)-1] == '.' {
		return text
	}
	return text + "."
}

func share(done, total int64) int64 { return int64(float64(done) / float64(total) * 100) }

func perSecond(speed float64) string { return state.Size(int64(speed)) + "/s" }

// Sum is that of all files.
type Sum struct {
	Done, Total int64   // bytes; Total is -1 where the length of one is not known
	Speed       float64 // bytes a second
	Limit       int64   // that they may have at most; 0: none
	Proven, Of  int     // files
	ahead       int     // files whose turn has not come
}

// Sum adds up the files.
func (f *Fetching) Sum() Sum {
	s := Sum{Of: len(f.Rows), Limit: f.Limit.Rate()}
	for _, r := range f.Rows {
		e := r.Now
		s.Done += e.Done
		switch {
		case e.Kind == "":
			s.ahead++
			s.Total = -1
		case e.Total < 0:
			s.Total = -1
		case s.Total >= 0:
			s.Total += e.Total
		}
		if r.comes() {
			s.Speed += e.Speed
		}
		if r.Ended() && e.Err == nil {
			s.Proven++
		}
	}
	return s
}

// Slower bounds how fast the files come, at once, a step further each time, and says so.
func (f *Fetching) Slower() string {
	before := f.Limit.Rate()
	if rate := f.Limit.Slower(f.Sum().Speed); rate != before {
		return "No more than " + perSecond(float64(rate)) + " from now on, all files together. Nothing is asked for again."
	}
	return "It is not bounded further than to " + perSecond(float64(before)) + "; esc stops it."
}

// Faster loosens that a step, or takes it away.
func (f *Fetching) Faster() string {
	if rate := f.Limit.Faster(); rate > 0 {
		return "Up to " + perSecond(float64(rate)) + " from now on, all files together. Nothing is asked for again."
	}
	return "As fast as it comes: there is no limit."
}

// Part is the part that is there, from 0 to 1; false where the whole is not known.
func (s Sum) Part() (float64, bool) {
	if s.Total <= 0 {
		return 0, false
	}
	return min(1, float64(s.Done)/float64(s.Total)), true
}

// Words say it in one clause.
func (s Sum) Words() string {
	text := state.Size(s.Done) + " so far"
	if s.Total >= 0 {
		text = bytesOf(s.Done, s.Total)
	}
	limit := ""
	if s.Limit > 0 {
		limit = "limit " + perSecond(float64(s.Limit))
	}
	switch {
	case s.Speed > 0 && limit != "":
		text += ", " + perSecond(s.Speed) + " (" + limit + ")"
	case s.Speed > 0:
		text += ", " + perSecond(s.Speed)
	case limit != "":
		text += ", " + limit
	}
	switch {
	case s.Done == 0:
		return strings.TrimSuffix("Nothing has come yet, "+limit, ", ")
	case s.Total < 0 && s.ahead > 0:
		text += ", " + state.Count(s.ahead, "file") + " not begun"
	case s.Total < 0:
		text += ", length unknown"
	case s.Speed > 0 && s.Total > s.Done:
		text += ", about " + shortly(time.Duration(float64(s.Total-s.Done)/s.Speed*float64(time.Second))) + " left"
	}
	return text
}

// Outcome is how the run ends with the job if it is left now. What a fetch has come to says more than
// that there are links; where it was left, something still lives.
func (j Job) Outcome(now time.Time) state.Outcome {
	out := j.Follow.Outcome(now)
	switch f := j.Fetch; {
	case f == nil, out == state.OutcomeUnknown:
	case f.Asks, f.Doubt != nil:
		return state.OutcomeUnknown
	case f.Busy, f.Stopped():
		return state.OutcomeRunning
	case f.Done != nil:
		return f.Done.Outcome
	case f.Before.Proven() && (out == state.OutcomeReady || out == state.OutcomeExpired):
		return state.OutcomeDownloaded
	}
	return out
}

// standing is how it stands with the files, in capitals; empty where the job says more.
func (f *Fetching) standing(st state.JobState) (word string, role Role) {
	switch {
	case f == nil:
	case f.Asks:
		return "ASKING FOR ANOTHER", Running
	case f.Doubt != nil:
		return "ANOTHER DOWNLOAD UNKNOWN", Danger
	case f.Stops:
		return "STOPPING", Running
	case f.Busy:
		return "FETCHING", Running
	case f.Downloaded():
		return "DOWNLOADED", Good
	case f.Stopped() && st == state.Ready:
		return "FETCHING STOPPED", Plain
	case f.Done != nil && !f.Stopped():
		return "NOT DOWNLOADED", Danger
	}
	return "", Plain
}

// brief is the same in the line at the bottom.
func (f *Fetching) brief() string {
	s := f.Sum()
	if part, ok := s.Part(); ok {
		return fmt.Sprintf("FETCHING, %d %%", int(part*100))
	}
	return "FETCHING, " + state.Size(s.Done)
}

// Opens says in two sentences how to open what was fetched on a machine of one's own; nil where nothing
// was told.
func (f *Fetching) Opens() []string {
	if f == nil || f.Done == nil || len(f.Done.Open) == 0 || f.Done.Manifest == "" {
		return nil
	}
	return []string{f.Done.Open[0], "Each step: " + strings.TrimSuffix(f.Done.Manifest, fetch.ManifestName) + fetch.GuideName}
}

// earlier is what an earlier run has fetched, in a sentence; empty where nothing was.
func earlier(f *journal.Fetch, now time.Time) string {
	switch {
	case f == nil:
		return ""
	case f.Proven():
		return fmt.Sprintf("Downloaded to %s, proven %s.", f.Dir, state.UTC(f.At, now))
	case f.Outcome == "":
		return fmt.Sprintf("Fetching into %s was begun %s, and its end was not written down.", f.Dir, state.UTC(f.At, now))
	}
	done, there := provenFiles(*f), int64(0)
	for _, file := range f.Files {
		there += file.Bytes
	}
	cannot := ""
	if f.NoRanges() {
		cannot = " " + noMiddle + ": it is fetched from the first byte on."
	}
	return fmt.Sprintf("Fetched into %s until %s: %d of %s proven, %s there.", f.Dir, state.UTC(f.At, now), done, state.Count(max(len(f.Files), done), "file"), state.Size(there)) + cannot
}

// Earlier is that of a job.
func (f *Fetching) Earlier(now time.Time) string {
	if f == nil || f.Begun() {
		return ""
	}
	return earlier(f.Before, now)
}

// NotProven is what no checksum shows: whoever reads "proven" is to know where it ends.
const NotProven = "Not proven: that a mongod starts, that documents and indexes are right."

const anotherGoesOn = "a asks for another download of the same snapshot and goes on"

// FetchMeaning says what can be done while the files are fetched, and after.
func FetchMeaning(cfg Config, j Job) string {
	f := j.Fetch
	again := cfg.FetchesInto(j, f.Dir)
	if text := j.AnotherMeaning(cfg.Instant()); text != "" {
		return text
	}
	switch {
	case f.Stops:
		return "What is there is being kept: a moment."
	case f.StopLoses() != "":
		return "This goes on beside another restore (n). " + f.StopLoses()
	case f.Busy:
		return "This goes on beside another restore (n). Leaving stops it and keeps what is there."
	case f.Downloaded():
		return "The files lie in " + f.Where() + ", each proven."
	case f.Stopped() && j.State(cfg.Instant()) != state.Ready && cfg.AsksAnother(j, cfg.Instant()):
		return "What is there is kept. The links are no longer good: a asks for another download of the same snapshot and goes on."
	case f.Stopped() && j.State(cfg.Instant()) != state.Ready:
		return "What is there is kept. The links are no longer good: with those of a new download of the same snapshot it can go on."
	case f.Stopped() && f.NoRanges():
		text := noMiddle + ": d fetches from the first byte on what is not whole"
		if again == "" {
			return text + ". The links end with the training."
		}
		return text + ", and so does: " + again
	case f.Stopped() && again == "":
		return "What is there is kept. d goes on with it. The links end with the training."
	case f.Stopped():
		return "What is there is kept. d goes on with it, and so does: " + again
	case f.settled():
		return "n asks for another download of the same snapshot. Nothing more comes of these links."
	case j.LinksGone() && again == "":
		return "These links give nothing more. " + anotherGoesOn + "."
	case j.LinksGone():
		return "These links give nothing more. " + anotherGoesOn + ", and so does: " + j.Renews(cfg)
	case f.Done != nil && f.Done.Again != "" && again != "" && f.Done.taken():
		return "Once it is moved away d tries again, and so does: " + again
	case f.Done != nil && f.Done.Again != "" && again != "":
		return "d tries again, and so does: " + f.Done.Again
	}
	return ""
}

// hostsOf are the servers that a job's links lead to.
func hostsOf(j state.Job) []string {
	var out []string
	for _, l := range Links(j) {
		if host := hostOf(l.URL); host != "" && !slices.Contains(out, host) {
			out = append(out, host)
		}
	}
	return out
}

// fetchedFile is a file as the journal has it.
func fetchedFile(f FileResult) journal.FetchedFile {
	return journal.FetchedFile{ReplicaSet: f.ReplicaSetName, Path: f.Path, State: f.State, Bytes: f.Bytes, Total: f.TotalBytes, SHA256: f.SHA256, NoRanges: f.noRanges, Proof: cmp.Or(f.Proof, f.Error)}
}
