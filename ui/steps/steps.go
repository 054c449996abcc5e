// Package steps is what the wizard asks and says, step by step, whatever shows it: the
// full screen (package ui) and the line face (package ui/lines) walk the same steps,
// with the same words, the same matching and the same submission.
//
// A new step that is one choice of a list is a List here, and both faces have it. A new
// field is one of package forms. Anything else says its words here, and is drawn by a
// page of ui and asked by a function of lines.
package steps

import (
	"context"
	"sync/atomic"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
	"atlas-restore/state/incident"
	"atlas-restore/state/journal"
	"atlas-restore/state/planfile"
	"atlas-restore/state/program"
	"atlas-restore/state/record"
	"atlas-restore/state/submit"
)

// Atlas is what the wizard asks of Atlas.
type Atlas interface {
	submit.Atlas
	Projects(ctx context.Context) ([]state.Project, error)
	// Everywhere are the clusters of all projects, as far as one request tells them.
	Everywhere(ctx context.Context) ([]state.Found, error)
	// ClusterNamed looks for the cluster of a name in a project; false if there is none.
	ClusterNamed(ctx context.Context, projectID, name string) (state.Cluster, bool, error)
	Clusters(ctx context.Context, projectID string) ([]state.Cluster, error)
	// Dedicated are those but for the flex clusters: with one request in place of two.
	Dedicated(ctx context.Context, projectID string) ([]state.Cluster, error)
	// AllClusters are those and the terminated ones whose backups were kept.
	AllClusters(ctx context.Context, projectID string) ([]state.Cluster, error)
	Schedule(ctx context.Context, c state.Cluster) (state.Schedule, error)
	Snapshots(ctx context.Context, c state.Cluster) ([]state.Snapshot, error)
	Snapshot(ctx context.Context, c state.Cluster, id string) (state.Snapshot, error)
	// TakeSnapshot must send the request exactly once.
	TakeSnapshot(ctx context.Context, c state.Cluster, description string, days int) (state.Snapshot, error)
	// BaseSnapshot is the newest snapshot before an instant; without an id where there is none.
	BaseSnapshot(ctx context.Context, c state.Cluster, i state.Instant) (state.Snapshot, error)
	// Roles are those of the credential, as far as Atlas tells them.
	Roles(ctx context.Context) (state.Roles, error)
	// Access says from where a project's downloads can be fetched.
	Access(ctx context.Context, projectID, provider string) (state.Access, error)
	Job(ctx context.Context, c state.Cluster, id string) (state.Job, error)
	// CollectionJob reads one collection restore job of a source, with its collections.
	CollectionJob(ctx context.Context, c state.Cluster, id string) (state.Job, error)
	CancelJob(ctx context.Context, c state.Cluster, id string) error
	// What tells when something was lost.
	incident.Source
	// What a drill looks at once its job has ended.
	SearchIndexes(ctx context.Context, c state.Cluster) ([]state.SearchIndex, error)
	ConnectionString(ctx context.Context, c state.Cluster) (string, error)
}

// Mode says in words whether the run is real.
type Mode string

// The modes. They stand in the header of every screen.
const (
	Live     Mode = "LIVE"
	Training Mode = "TRAINING"
)

// Words say what the mode means.
func (m Mode) Words() string {
	if m == Training {
		return "TRAINING: nothing here is real."
	}
	return "LIVE: this is real."
}

// Config joins a face of the wizard to the rest of the program.
type Config struct {
	Atlas Atlas // nil where nobody has signed in yet
	// SignIn makes a connection with what was typed; it asks Atlas nothing. It is called
	// where Atlas is nil, with the number of a kind of SignInKinds.
	SignIn     func(kind int, public string, private state.Secret) (Connection, error)
	Journal    submit.Journal
	Mode       Mode
	Served     bool                 // of a training: the embedded Atlas outlives this run
	Who        string               // public part of the credential: "mdb_sa_id_5f…ff"
	Source     string               // where it came from: "environment"
	Host       string               // of Atlas, if it is not the usual one
	Endpoint   string               // base URL, for the journal
	Now        func() time.Time     // Atlas's clock
	Frame      *Frame               // of the full screen: what is drawn is told by it; nil for none
	Zone       *time.Location       // the user's
	Pace       float64              // seconds of Now per real second; 1 but in training
	Coach      Coach                // of a training scenario; nil for none
	Coaching   state.Coaching       // how that stands at the start
	Briefed    bool                 // the briefing was read
	Notice     string               // said once, on the first page
	History    []journal.Submission // all that this machine has submitted
	HistoryErr error                // what of that could not be read; nil for nothing
	Plan       *journal.Plan        // that was left before anything was submitted; nil for none
	Resume     *journal.Submission  // follow or look for this one, and nothing else
	Drilled    *record.Record       // what its checks have come to, if it is a drill that has ended; nil for not yet
	DryRun     bool                 // the review is the end: nothing is sent
	SavePlan   string               // the review is the end, once its plan is written to this file; empty for none
	Replay     *Replay              // the plan file that this is run from; nil for none
	Tool       string               // version of this program
	Accept     []string             // checks that may be unknown: names, or all
	Unasked    bool                 // nobody can be asked anything: what is not given is not done
	Names      state.Names          // what is production, and protected
	NamesFile  string               // where a person can write down what names mean; empty where that is done
	Does       []string             // the command that another cluster would be named to; nil for the wizard
	Flags      string               // of the command line that another command needs too, with a blank before them
	Fetcher    fetch.Fetcher        // fetches what downloads deliver; nil where nobody can
	Out        string               // the directory that the files of a download go into; empty: it is asked for
	Given      state.Given          // answers that need not be asked; they are checked
	Rest       time.Duration        // as the constant Rest, which 0 stands for; negative: nothing is looked up
	Wanted     bool                 // flags say what is wanted: of what was left only a doubt is told
	Piped      bool                 // answers come from no person at a terminal: what was left is told, and not asked about
	ASCII      bool                 // the terminal shows nothing but ASCII
	Quiet      bool                 // no bell, no progress beside the window's title, nothing that moves by itself to be looked at
	About      About                // what a person says of the restore, for its record
	Proven     *Proven              // when restores were last proven, by the records of this machine; nil where nobody has looked
	OnEvent    func(state.JobEvent) // told once of each thing that happens to a job and is seen, outside of any Update; it returns at once; nil for none

	Drill  bool            // each restore of the run rehearses
	Dice   uint64          // which of the snapshots is meant by a random one
	Verify program.Command // looks at the data of a drill; without a program there is none

	Maker func() planfile.Maker // who makes a plan: it may read files; nil for nobody
	// Approved looks whether a second person has approved a plan, at an instant: it reads files. Nil
	// where nobody can.
	Approved   func(of *Replay, now time.Time) state.Approval
	BreakGlass string // why this is gone on with although a second person's approval is needed; empty for no
}

// EndsWithUs says whether jobs and links end with this run: those of a training whose
// embedded Atlas does.
func (c Config) EndsWithUs() bool { return c.Mode == Training && !c.Served }

// Instant is the time by which all that is drawn at once is told: that of the frame, else that
// of the clock.
func (c Config) Instant() time.Time {
	if at, ok := c.Frame.at(); ok {
		return at
	}
	return c.Now()
}

// Frame is the time of the frame that is being drawn, so that no two ages on one page differ.
// Beside the drawing nobody may ask it: what is done meanwhile is done by the clock.
type Frame struct{ drawn atomic.Pointer[time.Time] }

// Draw has draw done at an instant.
func (f *Frame) Draw(at time.Time, draw func()) {
	f.drawn.Store(&at)
	defer f.drawn.Store(nil)
	draw()
}

func (f *Frame) at() (time.Time, bool) {
	if f == nil {
		return time.Time{}, false
	}
	at := f.drawn.Load()
	if at == nil {
		return time.Time{}, false
	}
	return *at, true
}

// Every is the real time in which d passes on the clock of Now, but no less than a
// tenth of a second: how often to look whether something is due.
func (c Config) Every(d time.Duration) time.Duration {
	return max(time.Duration(float64(d)/max(c.Pace, 1)), 100*time.Millisecond)
}

// Seen is what was loaded and is of use to a later step, so that nothing is asked of
// Atlas twice.
type Seen struct {
	Projects  []state.Project
	Found     []state.Found              // the clusters of all projects, as they were listed; see Everywhere
	Clusters  map[string][]state.Cluster // by project id
	Dedicated map[string][]state.Cluster // of projects whose flex clusters were not asked for
	Sought    map[string][]state.Cluster // with the terminated ones, of projects in which a name was looked for; see Seek
	All       map[string]bool            // whether the terminated ones are wanted too, by project id
	Snapshots []state.Snapshot           // of the plan's cluster
	Past      *Past                      // of a source; nil where it was not asked for
	Hunt      *Hunt                      // the last search for when something was lost; see HuntOf
	Marked    *Marked                    // what was marked of a source's collections, and not gone on with yet
	Names     Inventory                  // what a snapshot holds, as far as it was opened: that does not change

	ticks  ofList[[]Tick]         // of the snapshots
	newest ofList[state.Snapshot] // that can be restored; see newestOf
}

// Nothing is what was seen before the first answer of Atlas.
func Nothing() *Seen {
	return &Seen{Clusters: map[string][]state.Cluster{}, Dedicated: map[string][]state.Cluster{}, Sought: map[string][]state.Cluster{}, All: map[string]bool{}}
}
