package steps

import (
	"slices"

	"atlas-restore/state"
)

// WatchCommand is the command that follows a job, or without an id looks for the newest that
// was left, as it runs in another terminal: with the flags of this run. Where this machine's
// journal does not know the job, the cluster whose list has it has to be named. It is empty
// where nobody else can see the job.
func (c Config) WatchCommand(id string, source state.Cluster) string {
	return c.elsewhere("watch", id, source)
}

func (c Config) elsewhere(does, id string, source state.Cluster, more ...string) string {
	if c.EndsWithUs() {
		return ""
	}
	words := []string{does}
	if id != "" {
		words = append(words, id)
	}
	if source.Name != "" {
		words = append(words, "--"+state.FlagProject, source.ProjectID, "--"+state.FlagCluster, source.Name)
	}
	return state.Command(c.Flags, append(words, more...)...)
}

// Command is the command of this program that begins a run with such answers.
func (c Config) Command(g state.Given) string {
	words := slices.Clone(c.Does)
	if c.Mode == Training && !c.Served {
		words = append(words, "train")
		if c.Coach != nil {
			words = append(words, c.Coaching.Name)
		}
	}
	return state.Command(g.Flags()+c.Flags, words...)
}

// Comeback is the command that follows a job of this run, as it runs in another terminal; empty
// where nobody else can see the job.
func (c Config) Comeback(j Job) string {
	if c.wantedIn(j) != "" {
		return c.Fetches(j) // it waits for the links, as watch does
	}
	return c.elsewhere("watch", j.Job.ID, j.elsewhere())
}

// Fetches is the command that fetches and proves what a download of this run delivers, as it runs in
// another terminal: into the directory that is known of; empty where nobody else can.
func (c Config) Fetches(j Job) string { return c.FetchesInto(j, c.wantedIn(j)) }

// FetchesInto is that with another directory; none: a new one where it runs.
func (c Config) FetchesInto(j Job, dir string) string {
	if dir != "" && j.Fetch != nil && j.Fetch.Tight {
		return c.fetchesOf(j.Job.ID, j.elsewhere(), dir, "--"+FlagTight)
	}
	return c.fetchesOf(j.Job.ID, j.elsewhere(), dir)
}

// fetchesOf is that of any download. Its source has to be named where this machine's journal does not know it.
func (c Config) fetchesOf(id string, source state.Cluster, dir string, how ...string) string {
	if dir == "" {
		return c.elsewhere("download", id, source)
	}
	if whole, err := Absolute(dir); err == nil { // else it is told as it was typed
		dir = whole
	}
	return c.elsewhere("download", id, source, append([]string{"--out", dir}, how...)...)
}

// OnlyFiles says whether the files of a download were asked for where nobody sits at a terminal: then no link
// is shown, as none was asked for.
func (c Config) OnlyFiles() bool { return c.Out != "" && (c.Unasked || c.Piped) }

// wantedIn is the directory into which the files of a download are wanted, or were begun to be fetched;
// empty where nobody has said one, or all are there.
func (c Config) wantedIn(j Job) string {
	switch {
	case j.Plan.Delivery != state.Download, j.Fetch.Downloaded():
		return ""
	case j.Fetch != nil && j.Fetch.Then != "":
		return j.Fetch.Then
	case j.Fetch.Where() != "":
		return j.Fetch.Where()
	}
	return c.Out
}

// elsewhere is the source that a command in another terminal needs: that of a job which this
// machine's journal does not know.
func (j Job) elsewhere() state.Cluster {
	if j.Foreign {
		return j.Plan.Cluster
	}
	return state.Cluster{}
}

// LookCommand is the command that looks for the job of a request, by its id, as it runs in another
// terminal; empty where nobody else can.
func (c Config) LookCommand(request string) string {
	if state.CheckRequest(request) != nil { // by that none can be named
		request = ""
	}
	return c.WatchCommand(request, state.Cluster{})
}

// lookFor says how an earlier request is looked for.
func (c Config) lookFor(request string) string {
	if command := c.LookCommand(request); command != "" {
		return "Look for it first: " + command + ", or start again and choose it."
	}
	return "Wait until it was looked for."
}

// does is a sentence that says what a command does, with a blank before it; empty for none.
func does(command, what string) string {
	if command == "" {
		return ""
	}
	return " " + command + " " + what + "."
}

// accepting is how a check is accepted: typed, or where nobody can type anything by a flag.
func (c Config) accepting(name string) string {
	if c.Unasked {
		return "--accept " + name
	}
	return Acceptance + name
}
