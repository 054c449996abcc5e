// Tests of state/incident. They stand here: each package with tests is one more program to link.

package state_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/incident"
)

func refusal(role string) error {
	return fmt.Errorf("asking: %w", &state.AtlasError{Status: 403, Code: "USER_CANNOT_ACCESS_GROUP", Needs: role})
}

var errLate = errors.New("no whole answer within 1m0s")

// cut ends a stream after so many bytes of what it is packed in.
func cut(r io.Reader, n int64) io.ReadCloser {
	return io.NopCloser(io.MultiReader(io.LimitReader(r, n), broken{io.ErrUnexpectedEOF}))
}

// plain is a log as its text.
func plain(lines []string) string { return strings.Join(lines, "\n") + "\n" }

// zeroes are counters that never rise, with a value for each point of the span.
func zeroes(process, database string, span incident.Span) ([]incident.Series, error) {
	var out []incident.Series
	names := []string{"OPCOUNTER_DELETE", "DOCUMENT_METRICS_DELETED"}
	if database != "" {
		names = []string{"DATABASE_OBJECT_COUNT"}
	}
	for _, name := range names {
		s := incident.Series{Name: name, Grain: span.Grain}
		for at := span.From; at.Before(span.Until); at = at.Add(span.Grain) {
			s.Points = append(s.Points, incident.Point{At: at, Value: 1000, Known: true})
		}
		out = append(out, s)
	}
	return out, nil
}

// Whatever fails, no wrong second is proposed, and what could not be read is said.
func TestSearchProposesNoWrongSecond(t *testing.T) {
	t.Parallel()
	drop := dropAt("13:02:59.812", "shop.orders")
	const right = "13:02:58"
	for _, tt := range []struct {
		name   string
		lines  []string // of the primary; nil for the drop
		make   func(*world, *incident.Search)
		found  int
		moment string   // of what was found; empty for none
		sole   string   // the beginning of why a run without questions takes none; empty for that it does
		unread []string // what is said not to have been read beside the newest minutes, in any order
	}{
		{name: "nothing fails", found: 1, moment: right},
		{name: "the drop of another database", lines: []string{dropAt("13:02:59.812", "bank.orders")}, sole: "nothing was found"},
		{name: "the drop of another collection", lines: []string{dropAt("13:02:59.812", "shop.orders_old")}, sole: "nothing was found"},
		{name: "the members are refused", make: func(w *world, _ *incident.Search) { w.fail["members"] = refusal(state.RoleReadOnly) }, sole: "not all", unread: []string{"The members of the cluster: Atlas answered 403 USER_CANNOT_ACCESS_GROUP. It needs the role Project Read Only."}},
		{name: "the members come late", make: func(w *world, _ *incident.Search) { w.fail["members"] = errLate }, sole: "not all", unread: []string{"The members of the cluster: no whole answer within 1m0s."}},
		{name: "the primary's log is refused", make: func(w *world, _ *incident.Search) { w.fail["log node-0"] = refusal(state.RoleLogViewer) }, sole: "not all", unread: []string{"The log of node-0 from 23 Nov 11:59:59 UTC until 23 Nov 15:00:00 UTC: Atlas answered 403 USER_CANNOT_ACCESS_GROUP. It needs the role Project Cluster Log Viewer."}},
		{name: "a secondary's log is refused", make: func(w *world, _ *incident.Search) { w.fail["log node-1"] = refusal(state.RoleLogViewer) }, found: 1, moment: right, sole: "not all", unread: []string{"The log of node-1 from 23 Nov 11:59:59 UTC until 23 Nov 15:00:00 UTC: Atlas answered 403 USER_CANNOT_ACCESS_GROUP. It needs the role Project Cluster Log Viewer."}},
		{name: "all logs are refused", make: func(w *world, _ *incident.Search) { w.fail["log "] = refusal(state.RoleLogViewer) }, sole: "not all", unread: []string{"The log of node-0", "The log of node-1", "The log of node-2"}},
		{name: "a log comes late", make: func(w *world, _ *incident.Search) { w.fail["log node-0"] = errLate }, sole: "not all", unread: []string{"The log of node-0 from 23 Nov 11:59:59 UTC until 23 Nov 15:00:00 UTC: no whole answer within 1m0s."}},
		{name: "one part of it comes late", make: func(w *world, _ *incident.Search) { w.fail["log node-0 13:59:59"] = errLate }, found: 1, moment: right, sole: "not all", unread: []string{"The log of node-0 from 23 Nov 13:59:59 UTC until 23 Nov 15:00:00 UTC: no whole answer within 1m0s."}},
		{name: "all logs are empty", make: func(w *world, _ *incident.Search) { clear(w.logs) }, sole: "nothing was found that befell it; the logs after 23 Nov 14:50:00 UTC are not there yet"},
		{name: "another member was primary", lines: []string{}, make: func(w *world, _ *incident.Search) { w.add("node-2", drop) }, found: 1, moment: right},
		{name: "another was, and dropped it too", make: func(w *world, _ *incident.Search) { w.add("node-2", dropAt("14:40:00.000", "shop.orders")) }, found: 2, sole: "more than one"},
		{name: "a drop of it before", lines: []string{drop, dropAt("12:10:00.000", "shop.orders")}, found: 2, sole: "more than one"},
		{name: "a stream breaks off before the drop, and is whole then", make: func(w *world, _ *incident.Search) { w.log = breaksOnce("node-0", "12:30:00") }, found: 1, moment: right},
		{name: "a stream breaks off in the drop, and is whole then", make: func(w *world, _ *incident.Search) { w.log = breaksOnce("node-0", "in the drop") }, found: 1, moment: right},
		{name: "a stream breaks off in the drop each time", make: func(w *world, _ *incident.Search) { w.log = breaks("node-0", "in the drop") }, sole: "not all", unread: []string{"The log of node-0 from 23 Nov 13:02:59 UTC until 23 Nov 14:00:00 UTC: reading the log of node-0: unexpected EOF."}},
		{name: "a stream breaks off before the drop each time", make: func(w *world, _ *incident.Search) { w.log = breaks("node-0", "12:30:00") }, sole: "not all", unread: []string{"The log of node-0 from 23 Nov 12:29:00 UTC until 23 Nov 14:00:00 UTC: reading the log of node-0: unexpected EOF."}},
		{name: "a stream breaks off after the drop each time", make: func(w *world, _ *incident.Search) { w.log = breaks("node-0", "13:30:00") }, found: 1, moment: right, sole: "not all", unread: []string{"The log of node-0 from 23 Nov 13:29:00 UTC until 23 Nov 14:00:00 UTC: reading the log of node-0: unexpected EOF."}},
		{name: "a clock is ahead", lines: []string{}, make: func(w *world, _ *incident.Search) { w.log = later("node-0", 30*time.Minute, drop) }, found: 1, sole: "not all", unread: []string{"The log of node-0 from 23 Nov 13:59:59 UTC until 23 Nov 15:00:00 UTC: The clock of node-0 is off: it says 23 Nov 15:29:00 UTC, and it is 23 Nov 15:00:00 UTC.", "The log of node-0 from 23 Nov 11:59:59 UTC until 23 Nov 14:00:00 UTC: The clock of node-0 is off: its log until 23 Nov 14:00:00 UTC ends at 23 Nov 14:29:00 UTC."}},
		{name: "a clock is behind", lines: []string{}, make: func(w *world, _ *incident.Search) { w.log = later("node-0", -30*time.Minute, drop) }, found: 1, sole: "not all", unread: []string{"The log of node-0 from 23 Nov 13:59:59 UTC until 23 Nov 15:00:00 UTC: The clock of node-0 is off: its log from 23 Nov 13:59:59 UTC on begins at 23 Nov 13:30:00 UTC.", "The log of node-0 from 23 Nov 11:59:59 UTC until 23 Nov 14:00:00 UTC: The clock of node-0 is off: its log from 23 Nov 11:59:59 UTC on begins at 23 Nov 11:30:00 UTC."}},
		{name: "the window begins after the drop", make: func(_ *world, s *incident.Search) { s.Reach.From = clock("13:30:00") }, found: 1, sole: "there is no moment to propose before shop.orders was dropped at 13:02:59.812 UTC by conn7: that is before the restore window"},
		{name: "point in time is off", make: func(_ *world, s *incident.Search) { s.Reach = state.Reach{} }, found: 1, sole: "there is no moment"},
		{name: "it was dropped in a hole", lines: []string{dropAt("11:02:59.812", "shop.orders")}, make: func(_ *world, s *incident.Search) { s.From = clock("11:00:00") }, found: 1, moment: "09:59:59", sole: "there is no moment to propose right before"},
		{name: "the counters are refused", make: func(w *world, _ *incident.Search) { w.fail["counters"] = refusal(state.RoleReadOnly) }, found: 1, moment: right, unread: []string{"The counters of node-0 from", "The counters of node-1", "The counters of node-2", "The counters of node-0 shop"}},
		{name: "the counters come late", make: func(w *world, _ *incident.Search) { w.fail["counters"] = errLate }, found: 1, moment: right, unread: []string{"The counters of node-0 from", "The counters of node-1", "The counters of node-2", "The counters of node-0 shop"}},
		{name: "the counters are empty", make: func(w *world, _ *incident.Search) { w.series = nil }, found: 1, moment: right, unread: []string{"The counters of node-0 from 23 Nov 12:00:00 UTC until 23 Nov 15:00:00 UTC: Atlas answered only 0 of 2 counters.", "The counters of node-1", "The counters of node-2", "The counters of node-0 shop"}},
		{name: "the counters have no values", make: func(w *world, _ *incident.Search) {
			w.series = func(process, database string, span incident.Span) ([]incident.Series, error) {
				all, err := zeroes(process, database, span)
				for _, s := range all {
					for i := range s.Points {
						s.Points[i].Known = process != "node-1:27017"
					}
				}
				return all, err
			}
		}, found: 1, moment: right, unread: []string{"The counters of node-1 from 23 Nov 12:00:00 UTC until 23 Nov 15:00:00 UTC: Too few values of OPCOUNTER_DELETE are known", "The counters of node-1 from 23 Nov 12:00:00 UTC until 23 Nov 15:00:00 UTC: Too few values of DOCUMENT_METRICS_DELETED are known"}},
		{name: "the snapshots are refused", make: func(w *world, _ *incident.Search) { w.fail["databases"] = refusal(state.RoleBackupManager) }, found: 1, moment: right, unread: []string{"What is in the snapshot of 23 Nov 14:00 UTC: Atlas answered 403 USER_CANNOT_ACCESS_GROUP. It needs the role Project Backup Manager."}},
		{name: "a clock was put back", make: func(w *world, _ *incident.Search) { w.log = putBack("node-0") }, found: 1, sole: "not all", unread: []string{"The log of node-0 from 23 Nov 11:59:59 UTC until 23 Nov 14:00:00 UTC: The clock of node-0 is off: it was put back while its log was written."}},
		{name: "a flex cluster", make: func(_ *world, s *incident.Search) { s.Cluster.Family = state.Flex }, sole: "not all", unread: []string{"The logs from 23 Nov 12:00:00 UTC until 23 Nov 15:00:00 UTC: Atlas keeps no logs and no counters of a flex cluster.", "The counters", "What is in the snapshots: Atlas does not tell what is in a flex cluster's snapshots."}},
		{name: "an M2", make: func(_ *world, s *incident.Search) { s.Cluster.InstanceSize = "M2" }, sole: "not all", unread: []string{"The logs", "The counters"}},
		{name: "logs that are not kept", make: func(_ *world, s *incident.Search) { s.From = s.Now.AddDate(0, 0, -31) }, found: 1, moment: right, sole: "not all", unread: []string{"The logs from 23 Oct 15:00:00 UTC until 24 Oct 15:00:00 UTC: Atlas keeps logs for 30 days."}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.lines == nil {
				tt.lines = []string{drop}
			}
			w, s := threeNodes(tt.lines...), search("12:00:00")
			w.series = zeroes
			if tt.make != nil {
				tt.make(w, &s)
			}
			f := s.Run(t.Context(), w, nil)
			if len(f.Found) != tt.found || !f.Ended || f.Stopped {
				t.Errorf("%d found, want %d", len(f.Found), tt.found)
			}
			for _, h := range f.Found {
				p := incident.Before(h, s.Reach, s.Snapshots, s.Now)
				if tt.found == 1 && (p.Moment.IsZero() != (tt.moment == "") || tt.moment != "" && p.Moment.Format(time.TimeOnly) != tt.moment) {
					t.Errorf("proposed %s, want %q", p, tt.moment)
				}
				if tt.name == "the window begins after the drop" && p.Snapshot.ID != "13" {
					t.Errorf("the snapshot %q", p.Snapshot.ID)
				}
			}
			switch _, p, err := s.BeforeDrop(f); {
			case tt.sole == "" && (err != nil || p.Moment.Format(time.TimeOnly) != tt.moment):
				t.Errorf("without questions: %s, %v", p, err)
			case tt.sole != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.sole)):
				t.Errorf("without questions: %v, want %s", err, tt.sole)
			}
			var unread []string
			for _, u := range f.Unread {
				if !u.Yet {
					unread = append(unread, u.Sentence(s))
				}
			}
			for _, want := range tt.unread {
				i := slices.IndexFunc(unread, func(u string) bool { return strings.HasPrefix(u, want) })
				if i < 0 {
					t.Errorf("not said: %s\nbut\n%s", want, strings.Join(unread, "\n"))
					continue
				}
				unread = slices.Delete(unread, i, i+1)
			}
			if len(unread) > 0 && !strings.Contains(tt.name, "31") && tt.name != "logs that are not kept" {
				t.Errorf("said too:\n%s", strings.Join(unread, "\n"))
			}
		})
	}
}

// breaks has each stream of a host end before a text of its log.
func breaks(host, before string) func(string, time.Time, time.Time, io.Reader) (io.ReadCloser, error) {
	return func(h string, from, until time.Time, whole io.Reader) (io.ReadCloser, error) {
		text := unpack(whole)
		at := strings.Index(text, "T"+before)
		if before == "in the drop" {
			if at = strings.Index(text, "CMD: drop"); at >= 0 {
				at += 20
			}
		}
		if h != host || at < 0 {
			return io.NopCloser(strings.NewReader(text)), nil
		}
		return cut(strings.NewReader(text), int64(at)), nil
	}
}

// breaksOnce does so the first time.
func breaksOnce(host, before string) func(string, time.Time, time.Time, io.Reader) (io.ReadCloser, error) {
	first := breaks(host, before)
	seen := map[string]bool{}
	return func(h string, from, until time.Time, whole io.Reader) (io.ReadCloser, error) {
		if h != host || seen[until.String()] {
			return io.NopCloser(whole), nil
		}
		seen[until.String()] = true
		return first(h, from, until, whole)
	}
}

// later is a host whose clock is off, and which has a line beside.
func later(host string, by time.Duration, line string) func(string, time.Time, time.Time, io.Reader) (io.ReadCloser, error) {
	return func(h string, from, until time.Time, whole io.Reader) (io.ReadCloser, error) {
		text := unpack(whole)
		if h != host {
			return io.NopCloser(strings.NewReader(text)), nil
		}
		all := strings.Split(strings.TrimSpace(text), "\n")
		if at := incidentWritten(line); !at.Before(from) && at.Before(until) {
			all = append(all, line)
		}
		slices.SortStableFunc(all, func(a, b string) int { return incidentWritten(a).Compare(incidentWritten(b)) })
		var out []string
		for _, l := range all {
			at := incidentWritten(l)
			out = append(out, strings.Replace(l, at.Format("15:04:05.000"), at.Add(by).Format("15:04:05.000"), 1))
		}
		return io.NopCloser(strings.NewReader(plain(out))), nil
	}
}

// putBack is a host whose log has many lines of 13:59 before all others.
func putBack(host string) func(string, time.Time, time.Time, io.Reader) (io.ReadCloser, error) {
	return func(h string, _, until time.Time, whole io.Reader) (io.ReadCloser, error) {
		text := unpack(whole)
		if h == host && until.Equal(clock("14:00:00")) {
			text = strings.Repeat(line("13:59:00.000", "STORAGE", 22430, "Checkpointer", "WiredTiger message", `{}`)+"\n", 4000) + text
		}
		return io.NopCloser(strings.NewReader(text)), nil
	}
}

// A stop ends a search at once, also where a stream stalls, and what was found stands.
func TestSearchStopsInAStreamThatStalls(t *testing.T) {
	t.Parallel()
	w, s := threeNodes(dropAt("14:02:59.812", "shop.orders")), search("12:00:00")
	w.series = zeroes
	w.log = func(h string, _, _ time.Time, whole io.Reader) (io.ReadCloser, error) {
		if h != "node-0" {
			return io.NopCloser(whole), nil
		}
		r, in := io.Pipe() // nothing comes after the whole, and no end
		text := unpack(whole) + strings.Repeat(line("14:59:00.000", "STORAGE", 22430, "Checkpointer", "WiredTiger message", `{}`)+"\n", 4000)
		go func() { _, _ = io.WriteString(in, text) }()
		return r, nil
	}
	ctx, stop := context.WithCancel(t.Context())
	f := s.Run(ctx, w, func(f incident.Findings) {
		if len(f.Found) > 0 {
			stop()
		}
	})
	if !f.Stopped || !f.Ended || len(f.Found) != 1 {
		t.Fatalf("%+v", f)
	}
	if !slices.ContainsFunc(f.Unread, func(u incident.Unread) bool {
		return u.Of == "node-0" && strings.Contains(u.Why, "stopped") && !u.From.After(clock("12:00:00"))
	}) {
		t.Errorf("what was not read is not said: %+v", f.Unread)
	}
	if _, _, err := s.BeforeDrop(f); !errors.Is(err, incident.ErrUnread) {
		t.Error(err)
	}
}
