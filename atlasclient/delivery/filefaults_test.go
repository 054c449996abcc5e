package delivery_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"atlas-restore/atlasclient/delivery"
	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state/fetch"
)

// What is wrong with a file of the embedded Atlas, or with its way, is told as what it is: with its
// kind, its words and what is left of it. Nothing but the whole and proven file gets the final name.
func TestFaultsOfFilesAreTold(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		fault simulator.Fault
		ends  fetch.Problem // empty: proven
		state fetch.State
		again fetch.Problem // what is tried again; empty: nothing
		says  []string
	}{
		{simulator.Fault{File: simulator.FileTruncated}, fetch.Damaged, fetch.Aside, "", []string{"is only a part", "says that this is all of it", "the rest is missing"}},
		{simulator.Fault{File: simulator.FileTruncated, NoLength: true}, fetch.Stale, fetch.Kept, fetch.Cut, []string{"410", "used up", "another download"}},
		{simulator.Fault{File: simulator.FileDamaged}, fetch.Damaged, fetch.Aside, "", []string{"28 of 29 tables are sound; ", "is damaged: the block of"}},
		{simulator.Fault{File: simulator.FileDamaged, NoLength: true}, fetch.Damaged, fetch.Aside, "", []string{"28 of 29 tables are sound; ", "is damaged: the block of"}},
		{simulator.Fault{File: simulator.FileCut}, "", fetch.Proven, fetch.Cut, nil},
		{simulator.Fault{File: simulator.FileStalled}, "", fetch.Proven, fetch.Stalled, nil},
		{simulator.Fault{File: simulator.FilePage}, fetch.NoArchive, fetch.Untouched, "", []string{"a page of text in the place of the file"}},
		{simulator.Fault{File: simulator.LinkExpired}, fetch.Stale, fetch.Untouched, "", []string{"403", "access list", "another download"}},
		{simulator.Fault{File: simulator.LinkUsed}, fetch.Stale, fetch.Untouched, "", []string{"410", "another download"}},
		{simulator.Fault{File: simulator.LinkNotFound}, fetch.Stale, fetch.Untouched, "", []string{"404", "another download"}},
	} {
		t.Run(fmt.Sprintf("%s %t", row.fault.File, row.fault.NoLength), func(t *testing.T) {
			t.Parallel()
			u := newTrainee(t)
			u.s.Fail(row.fault)
			o := u.job("Payments", "orders-prod")
			opt := u.options().Hurried(u.s.AwaitDeliveries)
			if row.again == fetch.Stalled { // from the others comes what must, however busy the machine is
				opt = opt.Impatient()
			}
			opt.Prover = delivery.BlockChecksums{Notes: t.TempDir()}
			var again []fetch.Problem
			var began []int64
			opt.Tell = func(e fetch.Event) {
				switch e.Kind {
				case fetch.Again:
					again = append(again, e.Err.Problem)
				case fetch.Began:
					began = append(began, e.Done)
				default:
				}
			}
			r, err := delivery.Fetch(t.Context(), o, opt)
			if len(r) != 1 || r[0].State != row.state || (len(again) > 0) != (row.again != "") || len(again) > 0 && again[0] != row.again {
				t.Fatalf("%v\n%+v\ntried again: %v", err, r, again)
			}
			if _, missing := os.Stat(o.Dir + "/" + r[0].Name); (missing == nil) != (row.ends == "") {
				t.Errorf("the final name: %v", missing)
			}
			if row.fault.File == simulator.FileCut && (len(began) != 2 || began[1] == 0) {
				t.Errorf("it begins at %v", began)
			}
			if row.ends == "" {
				if err != nil || !u.last().Fetched {
					t.Errorf("%v %+v", err, u.last())
				}
				return
			}
			var e *fetch.Error
			if !errors.As(err, &e) || e.Problem != row.ends || u.last().Fetched {
				t.Fatalf("%v %+v", err, e)
			}
			if strings.Contains(e.Why, "local.") || strings.Contains(e.Why, "admin.") {
				t.Errorf("the damage is nobody's: %s", e.Why)
			}
			for _, want := range row.says {
				if !strings.Contains(e.Why+". "+e.Advice, want) {
					t.Errorf("it lacks %q: %s. %s", want, e.Why, e.Advice)
				}
			}
		})
	}
}

// One file of a sharded cluster that is not at its link is missed, and the others are there.
func TestFaultOfOneShardIsTold(t *testing.T) {
	t.Parallel()
	u := newTrainee(t)
	u.s.Fail(simulator.Fault{File: simulator.LinkNotFound, Cluster: "Platform Shared/audit-log", Nth: 3})
	o := u.job("Platform Shared", "audit-log")
	r, err := delivery.Fetch(t.Context(), o, u.options().Hurried(u.s.AwaitDeliveries))
	if err == nil || r.Proven() != 3 || r[2].Err == nil || r[2].Err.Status != 404 || u.last().FetchedArchives != 3 {
		t.Fatalf("%v %+v", err, r)
	}
	if !strings.HasPrefix(err.Error(), "3 of 4 files are proven; "+r[2].Name) {
		t.Error(err)
	}
}
