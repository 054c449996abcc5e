package control

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"atlas-restore/atlasclient/simulator"
)

// command is a line that an instructor can say.
type command struct {
	says   string // its first word is its name
	does   string
	inject func(rest string) (simulator.Inject, error)
}

// commands are all of them, in the order of the help.
func commands() []command {
	return []command{
		{"429 [TIMES]", "the next request gets this error (any status from 400 to 599), or the next so many", nil},
		{"lost", "the answer to the next POST is lost, though it is acted upon", fault(simulator.InjectFault{Method: "POST", Drop: "after"})},
		{"down", "every connection is cut before anything is done, until heal", fault(simulator.InjectFault{Times: -1, Drop: "before"})},
		{"html", "the next answer is the page of some proxy", fault(simulator.InjectFault{HTML: true})},
		{"heal", "all faults end", fixed(simulator.Inject{Heal: true})},
		{"fail", "the next restore job fails at its end", fixed(simulator.Inject{FailNextJob: true})},
		{"taken", "the next POST is acted upon, and answered with an error 500 all the same", fault(simulator.InjectFault{Method: "POST", Status: 500, Acts: true})},
		{"collections END", "the next restore of collections ends so: failed, diskFull, canceled, notFound, unsupported or indexFailed", endOfCollections},
		{"advance 10m", "the clock moves forward", advanceBy},
		{"say TEXT", "the trainee is told this", tell},
		{"pause PROJECT/CLUSTER", "the cluster is paused", pausing(true)},
		{"resume PROJECT/CLUSTER", "the cluster is paused no more", pausing(false)},
		{"expire PROJECT/CLUSTER", "the links of its newest download expire", expire},
		{"hide PROJECT/CLUSTER 2", "the link of file 2 of its newest download is missing", hide},
		{"file damaged PROJECT/CLUSTER", "the next file that is fetched of it is damaged (or: truncated, cut, stalled, slow, page, expired, used, notFound; a 2 behind it: only its file 2)", wrongFile},
		{"colleague PROJECT/CLUSTER onto PROJECT/CLUSTER", "a colleague restores one cluster onto the other", colleague},
		{"drop PROJECT/CLUSTER DB.COLLECTION", "a client drops the collection", onData(func(cluster, name string) simulator.Inject {
			return simulator.Inject{Drop: &simulator.InjectDrop{Cluster: cluster, Namespace: name}}
		})},
		{"dropdatabase PROJECT/CLUSTER DB", "a client drops the database", onData(func(cluster, name string) simulator.Inject {
			return simulator.Inject{DropDatabase: &simulator.InjectDropDatabase{Cluster: cluster, Database: name}}
		})},
		{"delete PROJECT/CLUSTER DB.COLLECTION", "a client deletes all documents, which only counters show", onData(func(cluster, name string) simulator.Inject {
			return simulator.Inject{MassDelete: &simulator.InjectMassDelete{Cluster: cluster, Namespace: name}}
		})},
		{"rename PROJECT/CLUSTER DB.OLD onto DB.NEW", "a client puts one collection in the place of another", rename},
		{"elect PROJECT/CLUSTER", "another server becomes primary", onCluster(func(cluster string) simulator.Inject {
			return simulator.Inject{Election: &simulator.InjectElection{Cluster: cluster}}
		})},
		{"behind PROJECT/CLUSTER", "Atlas falls behind with its oplog, for ten minutes", onCluster(func(cluster string) simulator.Inject {
			return simulator.Inject{OplogBehind: &simulator.InjectOplogBehind{Cluster: cluster, For: simulator.Duration(10 * time.Minute)}}
		})},
		{"noise PROJECT/CLUSTER", "other clients are busy, and drop collections of their own, for an hour", onCluster(func(cluster string) simulator.Inject {
			return simulator.Inject{Noise: &simulator.InjectNoise{Cluster: cluster, For: simulator.Duration(time.Hour)}}
		})},
		{"member PROJECT/CLUSTER 0 refused", "the log of its member 0, 1 or 2 is refused (or: served, ahead 5m, behind 5m)", member},
		{"search PROJECT/CLUSTER [fails]", "it has search indexes, which come back after a restore onto it, or do not", search},
		{`inject {"cluster":{…}}`, "anything else, as POST /control/inject takes it", anything},
	}
}

// understand finds what a line means.
func understand(word, rest string) (command, simulator.Inject, error) {
	if status, err := strconv.Atoi(word); err == nil {
		inject, err := answered(status, rest)
		return commands()[0], inject, err
	}
	for _, c := range commands()[1:] {
		name, takes, _ := strings.Cut(c.says, " ")
		if name != word {
			continue
		}
		if (rest == "") != (takes == "") {
			return c, simulator.Inject{}, fmt.Errorf("it is said like this: %s", c.says)
		}
		inject, err := c.inject(rest)
		return c, inject, err
	}
	return command{}, simulator.Inject{}, fmt.Errorf("%q is no command: help lists them", word)
}

func fixed(i simulator.Inject) func(string) (simulator.Inject, error) {
	return func(string) (simulator.Inject, error) { return i, nil }
}

func fault(f simulator.InjectFault) func(string) (simulator.Inject, error) {
	return fixed(simulator.Inject{Fault: &f})
}

// answered is a fault by its status.
func answered(status int, times string) (simulator.Inject, error) {
	f := simulator.InjectFault{Status: status}
	if status == 429 || status == 503 {
		f.RetryAfter = 2 // seconds; enough to be seen, and not to wait long
	}
	if times != "" {
		n, err := strconv.Atoi(times)
		if err != nil || n < 1 {
			return simulator.Inject{}, errors.New("how often is a number from 1 on, like 429 3")
		}
		f.Times = n
	}
	return simulator.Inject{Fault: &f}, nil
}

func advanceBy(rest string) (i simulator.Inject, err error) {
	err = i.Advance.UnmarshalText([]byte(rest))
	return i, err
}

func tell(rest string) (simulator.Inject, error) {
	return simulator.Inject{Say: &simulator.InjectMessage{Who: "Instructor", Text: rest}}, nil
}

func pausing(paused bool) func(string) (simulator.Inject, error) {
	return func(rest string) (simulator.Inject, error) {
		return simulator.Inject{Cluster: &simulator.InjectCluster{Cluster: rest, Paused: &paused}}, nil
	}
}

func expire(rest string) (simulator.Inject, error) {
	return simulator.Inject{Links: &simulator.InjectLinks{Cluster: rest, Expire: true}}, nil
}

// numbered takes the number off the end of what is said; 0 where there is none.
func numbered(rest string) (string, int) {
	if i := strings.LastIndex(rest, " "); i >= 0 {
		if n, err := strconv.Atoi(rest[i+1:]); err == nil {
			return strings.TrimSpace(rest[:i]), n
		}
	}
	return rest, 0
}

func hide(rest string) (simulator.Inject, error) {
	cluster, n := numbered(rest)
	if n == 0 {
		return simulator.Inject{}, errors.New("which of its files? hide Analytics/events 2")
	}
	return simulator.Inject{Links: &simulator.InjectLinks{Cluster: cluster, Hide: n}}, nil
}

func wrongFile(rest string) (simulator.Inject, error) {
	wrong, of, ok := strings.Cut(rest, " ")
	if !ok {
		return simulator.Inject{}, errors.New("of which cluster? file damaged Payments/orders-prod")
	}
	cluster, n := numbered(strings.TrimSpace(of))
	return simulator.Inject{Fault: &simulator.InjectFault{File: wrong, Cluster: cluster, Nth: n}}, nil
}

func colleague(rest string) (simulator.Inject, error) {
	source, target, ok := strings.Cut(rest, " onto ")
	if !ok {
		return simulator.Inject{}, errors.New("onto what? colleague Payments/orders-prod onto Payments/orders-prod-restore")
	}
	return simulator.Inject{Restore: &simulator.InjectColleague{Source: source, Target: target}}, nil
}

func endOfCollections(rest string) (simulator.Inject, error) {
	return simulator.Inject{NextCollections: &simulator.InjectNextCollections{Ends: rest}}, nil
}

func onCluster(f func(cluster string) simulator.Inject) func(string) (simulator.Inject, error) {
	return func(rest string) (simulator.Inject, error) { return f(rest), nil }
}

// onData is about something of a cluster, which is named last: the names of projects have blanks.
func onData(f func(cluster, name string) simulator.Inject) func(string) (simulator.Inject, error) {
	return func(rest string) (simulator.Inject, error) {
		i := strings.LastIndex(rest, " ")
		if i < 0 {
			return simulator.Inject{}, errors.New("of which cluster, and what? drop Payments/orders-prod shop.orders")
		}
		return f(strings.TrimSpace(rest[:i]), rest[i+1:]), nil
	}
}

// member is about one server: its log, or its clock.
func member(rest string) (simulator.Inject, error) {
	project, rest, _ := strings.Cut(rest, "/")
	said := strings.Fields(rest)
	wrong := errors.New("which one, and what of it? member Payments/orders-prod 0 refused, or: served, ahead 5m, behind 5m")
	if len(said) < 3 || len(said) > 4 {
		return simulator.Inject{}, wrong
	}
	node, err := strconv.Atoi(said[1])
	if err != nil {
		return simulator.Inject{}, wrong
	}
	m := simulator.InjectMember{Cluster: project + "/" + said[0], Node: node}
	clock := map[string]*simulator.Duration{"ahead": &m.ClockAhead, "behind": &m.ClockBehind}[said[2]]
	switch {
	case clock == nil && len(said) == 3:
		m.Log = said[2]
	case clock != nil && len(said) == 4:
		err = clock.UnmarshalText([]byte(said[3]))
	default:
		err = wrong
	}
	return simulator.Inject{Member: &m}, err
}

func search(rest string) (simulator.Inject, error) {
	cluster, fails := strings.CutSuffix(rest, " fails")
	return simulator.Inject{Search: &simulator.InjectSearch{Cluster: strings.TrimSpace(cluster), Fails: fails}}, nil
}

func rename(rest string) (simulator.Inject, error) {
	old, name, ok := strings.Cut(rest, " onto ")
	if !ok {
		return simulator.Inject{}, errors.New("onto what? rename Payments/orders-prod shop.orders_new onto shop.orders")
	}
	return onData(func(cluster, from string) simulator.Inject {
		return simulator.Inject{Rename: &simulator.InjectRename{Cluster: cluster, From: from, To: strings.TrimSpace(name), DropTarget: true}}
	})(old)
}

func anything(rest string) (i simulator.Inject, err error) {
	err = decode(strings.NewReader(rest), &i)
	return i, err
}
