package teatest_test

import (
	"context"
	"maps"
	"slices"
	"time"

	"atlas-restore/state"
	files "atlas-restore/state/fetch"
)

// script is a fetcher that tells what a test has it tell, and stays there until it is stopped; where all
// has come to an end it ends.
type script struct {
	tells func(o files.Order) []files.Event
}

// Room implements fetch.Fetcher.
func (script) Room(string) files.Room { return files.Room{New: true, Free: 1400e9} }

// Fetch implements fetch.Fetcher.
func (s script) Fetch(ctx context.Context, o files.Order, how files.How) (files.Result, error) {
	last := make([]files.Event, len(o.Files))
	ended := 0
	for _, e := range s.tells(o) {
		if e.Kind == files.Told {
			how.Tell(e)
			continue
		}
		last[e.Index] = e
		if how.Tell(e); e.Kind == files.Ended {
			ended++
		}
	}
	if ended < len(o.Files) {
		<-ctx.Done()
	}
	var result files.Result
	for i, e := range last {
		f := files.Fetched{Name: o.Files[i].Name, ReplicaSet: o.Files[i].ReplicaSet, Bytes: e.Done, Total: e.Total, State: files.Proven, Path: o.Dir + "/" + o.Files[i].Name, Err: e.Err}
		if f.Verdict = (files.Verdict{Proven: e.Err == nil, Words: e.Text}); e.Kind != files.Ended {
			why := "left before its first byte"
			if e.Done > 0 {
				why = "left at 155000000000 bytes, which are kept"
			}
			f.Err = &files.Error{Problem: files.Left, Why: why}
			e.Kind, e.Index, e.Err = files.Ended, i, f.Err
			how.Tell(e)
		}
		switch {
		case f.Err != nil && f.Err.Problem == files.Damaged:
			f.State = files.Aside
		case f.Err != nil && f.Bytes == 0:
			f.State = files.Untouched
		case f.Err != nil:
			f.State = files.Kept
		}
		result = append(result, f)
	}
	return result, result.Err()
}

const allSound = "412 of 412 tables: every block that the snapshot reaches is as WiredTiger wrote it; small files beside them have no checksum"

// scripts are what is told on the pages of a download that is fetched, by their names.
var scripts = map[string]func(o files.Order) []files.Event{
	"fetch-asks": nil,
	"fetch-running": func(files.Order) []files.Event {
		return []files.Event{
			{Kind: files.Ended, Index: 0, Done: 301_000_000_000, Total: 301_000_000_000, Left: -1, Text: allSound},
			{Kind: files.Moved, Index: 1, Host: "files.example.net:27017", Private: true, Done: 155_000_000_000, Total: 304_000_000_000, Speed: 118e6, Left: 21 * time.Minute},
			{Kind: files.Began, Index: 2, Host: "files.example.net:27017", Done: 38_200_000_000, Total: 305_000_000_000, Speed: 64e6, Left: 69 * time.Minute},
		}
	},
	"fetch-trouble": func(files.Order) []files.Event {
		cut := &files.Error{Problem: files.Cut, Host: "files.example.net:27017", Why: "the connection to files.example.net:27017 ended at byte 155000000000"}
		return []files.Event{
			{Kind: files.Again, Index: 0, Done: 155_000_000_000, Total: 304_000_000_000, Left: -1, Try: 3, Of: 8, Err: cut},
			{Kind: files.Moved, Index: 1, Host: "files.example.net:27017", Done: 12_000_000_000, Total: -1, Speed: 3e6, Left: -1},
			{Kind: files.Note, Index: 1, Name: "events_shard-1.tar.gz", Text: "at this speed the link ends before the file is there"},
		}
	},
	"fetch-stopped": func(files.Order) []files.Event {
		return []files.Event{
			{Kind: files.Moved, Index: 0, Host: "files.example.net:27017", Done: 155_000_000_000, Total: 304_000_000_000, Speed: 118e6, Left: 21 * time.Minute},
			{Kind: files.Ended, Index: 1, Done: 304_000_000_000, Total: 304_000_000_000, Left: -1, Text: allSound},
		}
	},
	"fetch-done": func(o files.Order) (out []files.Event) {
		for i := range o.Files {
			out = append(out, files.Event{Kind: files.Ended, Index: i, Done: 301_000_000_000, Total: 301_000_000_000, Left: -1, Text: allSound})
		}
		return append(out, files.Event{Kind: files.Told, Index: -1, Text: o.Dir + "/" + files.ManifestName})
	},
	"fetch-damaged": func(o files.Order) []files.Event {
		bad := &files.Error{
			Problem: files.Damaged, Why: "411 of 412 tables are sound; shop.orders is damaged: the block at 1073741824 has another checksum than WiredTiger wrote",
			Advice: "It is kept as .damaged, with the report beside it. Ask for another download of the same snapshot.",
		}
		sound := files.Event{Kind: files.Ended, Done: 301_000_000_000, Total: 301_000_000_000, Left: -1, Text: allSound}
		first, last := sound, sound
		first.Err, first.Text, last.Index = bad, "", 2
		sound.Index = 1
		return []files.Event{first, sound, last}
	},
}

// scripted has the files of the page's download told by its script. Nothing of it is fetched.
func (p place) scripted(s *stage) {
	if tells, ok := scripts[p.name]; ok {
		s.cfg.Fetcher, s.cfg.Out, s.cfg.Served = script{tells}, "/mnt/restore/events", true
	}
}

// fetchPages are the pages of a download that is fetched.
var fetchPages = func() (out []place) {
	then := map[string]func(*stage){
		"fetch-asks": func(*stage) {},
		"fetch-running": func(s *stage) {
			s.Press("enter")
			s.Wait("38 of 305 GB")
			s.Press("down")
			s.Wait("a private endpoint")
		},
		"fetch-trouble": func(s *stage) { s.Press("enter"); s.Wait("try 3 of 8") },
		"fetch-stopped": func(s *stage) { s.Press("enter"); s.Wait("118 MB/s"); s.Press("esc"); s.Wait("FETCHING STOPPED") },
		"fetch-done":    func(s *stage) { s.Press("enter"); s.Wait("DOWNLOADED") },
		"fetch-damaged": func(s *stage) { s.Press("enter"); s.Wait("NOT DOWNLOADED") },
	}
	for _, name := range slices.Sorted(maps.Keys(then)) {
		out = append(out, place{name, func(s *stage) {
			s.toReview(state.Download, "Analytics", "events", "")
			s.Press("tab", "enter")
			s.Wait("RUNNING")
			s.sim.Advance(10 * time.Minute)
			s.Wait("READY")
			s.Press("d")
			s.Wait("a new directory")
			then[name](s)
		}})
	}
	return out
}()
