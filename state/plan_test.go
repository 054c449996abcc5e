package state_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"atlas-restore/state"
	"atlas-restore/state/collections"
)

const (
	projectID  = "65f0c1d2e3a4b5c6d7e8f901"
	otherID    = "65f0c1d2e3a4b5c6d7e8f902"
	snapshotID = "6925c1d2e3a4b5c6d7e8f903"
)

func plan(d state.DeliveryType) state.Plan {
	p := state.Plan{}.
		WithProject(state.Project{ID: projectID, Name: "Payments"}).
		WithCluster(state.Cluster{ID: otherID, Name: "orders-prod", PITEnabled: true})
	if d == state.PointInTime {
		p = p.WithMoment()
	} else {
		p = p.WithSnapshot(state.Snapshot{ID: snapshotID}).WithDelivery(d)
	}
	if d != state.Download {
		i := state.Instant{}
		if d == state.PointInTime {
			i.UTCSeconds = 1795442579
		}
		p = p.WithFields(i, state.Target{Project: state.Project{ID: otherID}, ClusterName: "orders-stg"}, state.Draft{TargetCluster: "orders-stg"})
	}
	return p
}

func TestRequestBody(t *testing.T) {
	oplog := plan(state.PointInTime)
	oplog.Instant = state.Instant{OplogTs: 1795442579, OplogInc: 7}
	for _, tc := range []struct {
		name string
		plan state.Plan
		want string
	}{
		{"automated", plan(state.Automated), `{"deliveryType":"automated","snapshotId":"6925c1d2e3a4b5c6d7e8f903","targetClusterName":"orders-stg","targetGroupId":"65f0c1d2e3a4b5c6d7e8f902"}`},
		{"download", plan(state.Download), `{"deliveryType":"download","snapshotId":"6925c1d2e3a4b5c6d7e8f903"}`},
		{"moment", plan(state.PointInTime), `{"deliveryType":"pointInTime","pointInTimeUTCSeconds":1795442579,"targetClusterName":"orders-stg","targetGroupId":"65f0c1d2e3a4b5c6d7e8f902"}`},
		{"oplog", oplog, `{"deliveryType":"pointInTime","oplogTs":1795442579,"oplogInc":7,"targetClusterName":"orders-stg","targetGroupId":"65f0c1d2e3a4b5c6d7e8f902"}`},
	} {
		body, err := tc.plan.Request()
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
		}
		if raw, _ := json.Marshal(body); string(raw) != tc.want {
			t.Errorf("%s: body\n%s, want\n%s", tc.name, raw, tc.want)
		}
	}
}

// Answers for another type stay out of the body: the snapshot chosen first does not
// reach a pointInTime job, nor the target a download.
func TestAnswersOfOtherTypesStayOut(t *testing.T) {
	p := plan(state.Automated).WithDelivery(state.PointInTime)
	if p.Next() != state.StepFields {
		t.Fatalf("next step %v, want the fields: no instant was chosen", p.Next())
	}
	p = p.WithFields(state.Instant{UTCSeconds: 1795442579}, p.Target, p.Draft)
	if body, err := p.Request(); err != nil || body.SnapshotID != "" {
		t.Errorf("body %+v, error %v: want no snapshot id", body, err)
	}
	p = p.WithDelivery(state.Download)
	if body, err := p.Request(); err != nil || body.TargetClusterName != "" || body.PointInTimeUTCSeconds != 0 || body.SnapshotID != snapshotID {
		t.Errorf("body %+v, error %v: want a bare download of the snapshot", body, err)
	}
}

func TestRequestRefuses(t *testing.T) {
	for name, change := range map[string]func(*state.Request){
		"unknown type":          func(r *state.Request) { r.DeliveryType = "restore" },
		"bad snapshot id":       func(r *state.Request) { r.SnapshotID = "latest" },
		"no snapshot":           func(r *state.Request) { r.SnapshotID = "" },
		"bad target":            func(r *state.Request) { r.TargetClusterName = "orders stg" },
		"no target project":     func(r *state.Request) { r.TargetProjectID = "" },
		"instant on a snapshot": func(r *state.Request) { r.OplogInc = 1 },
		"download with target":  func(r *state.Request) { r.DeliveryType = state.Download },
		"point in time with snapshot": func(r *state.Request) {
			r.DeliveryType, r.PointInTimeUTCSeconds = state.PointInTime, 1795442579
		},
		"no instant":    func(r *state.Request) { r.DeliveryType, r.SnapshotID = state.PointInTime, "" },
		"half an oplog": func(r *state.Request) { r.DeliveryType, r.SnapshotID, r.OplogTs = state.PointInTime, "", 1795442579 },
		"both instants": func(r *state.Request) {
			r.DeliveryType, r.SnapshotID, r.OplogTs, r.OplogInc, r.PointInTimeUTCSeconds = state.PointInTime, "", 1795442579, 1, 1795442579
		},
		"too early": func(r *state.Request) {
			r.DeliveryType, r.SnapshotID, r.PointInTimeUTCSeconds = state.PointInTime, "", state.MinInstant-1
		},
		"beyond int32": func(r *state.Request) {
			r.DeliveryType, r.SnapshotID, r.PointInTimeUTCSeconds = state.PointInTime, "", state.MaxInstant+1
		},
	} {
		body, err := plan(state.Automated).Request()
		if err != nil {
			t.Fatal(err)
		}
		change(&body)
		if body.Check() == nil {
			t.Errorf("%s: %+v was taken", name, body)
		}
	}
}

func TestStepsAndDependencies(t *testing.T) {
	p := plan(state.Automated)
	if p.Next() != state.StepReview {
		t.Fatalf("next step %v of a complete plan", p.Next())
	}
	if q := p.WithProject(p.Project); !cmp.Equal(q, p) {
		t.Error("the same project answered again changed the plan")
	}
	if q := p.WithCluster(p.Cluster); !cmp.Equal(q, p) {
		t.Error("the same cluster answered again changed the plan")
	}
	q := p.WithProject(state.Project{ID: otherID})
	if q.Next() != state.StepCluster || q.Snapshot.ID != "" {
		t.Errorf("another project leaves %+v", q)
	}
	q = p.WithCluster(state.Cluster{ID: projectID, Name: "carts"})
	if q.Next() != state.StepSnapshot || !q.Target.IsZero() || q.Delivery != state.Automated || q.Draft.TargetCluster != "orders-stg" {
		t.Errorf("another cluster leaves %+v: want no snapshot and target, but the type and what was typed", q)
	}
	q = p.WithSnapshot(state.Snapshot{ID: projectID})
	if q.Next() != state.StepReview || q.Target != p.Target {
		t.Errorf("another snapshot leaves %+v: want the target kept", q)
	}
	pit := plan(state.PointInTime)
	if q := pit.WithCluster(state.Cluster{Name: "carts"}); q.Delivery != "" || !q.Instant.IsZero() {
		t.Errorf("a cluster without point in time keeps %q %+v", q.Delivery, q.Instant)
	}
	for _, tc := range []struct {
		plan       state.Plan
		from, want state.Step
	}{
		{p, state.StepProject, state.StepCluster},
		{p, state.StepSnapshot, state.StepDelivery},
		{pit, state.StepSnapshot, state.StepFields},
		{p, state.StepDelivery, state.StepFields},
		{plan(state.Download), state.StepDelivery, state.StepReview},
		{p, state.StepFields, state.StepReview},
	} {
		if got := tc.plan.After(tc.from); got != tc.want {
			t.Errorf("%s: after step %v comes %v, want %v", tc.plan.Delivery, tc.from, got, tc.want)
		}
	}
}

func TestConfirmation(t *testing.T) {
	p := plan(state.Automated)
	for typed, want := range map[string]bool{
		"orders-stg": true, "": false, "Orders-Stg": false, " orders-stg": false, "orders-stg ": false,
		"orders-stg\n": false, "orders-prod": false, "yes": false, "download": false,
	} {
		if got := p.Confirms(typed); got != want {
			t.Errorf("%q confirms: %v, want %v", typed, got, want)
		}
	}
	for _, typed := range []string{"train/orders-stg", "overwrite train/orders-stg"} {
		if p.Confirms(typed) {
			t.Errorf("%q confirms what is real", typed)
		}
	}
	p.Practice = true
	for typed, want := range map[string]bool{"train/orders-stg": true, "orders-stg": false, "train/": false, "Train/orders-stg": false, "train/train/orders-stg": false} {
		if got := p.Confirms(typed); got != want {
			t.Errorf("%q confirms a training: %v, want %v", typed, got, want)
		}
	}
	if d := plan(state.Download); !d.Confirms("download") || d.Confirms("") {
		t.Error("a download is confirmed by the word download and nothing else")
	}
	if (state.Plan{}).Confirms("") {
		t.Error("an empty plan is confirmed by nothing typed")
	}
}

// Whatever is answered in whatever order, a body that comes out keeps Atlas's rules,
// and what is not ready for review gives none.
func TestAnyWalkEndsInARightBody(t *testing.T) {
	ids := rapid.SampledFrom([]string{projectID, otherID, snapshotID, "", "nonsense"})
	seconds := rapid.SampledFrom([]int64{0, 1, state.MinInstant, 1795442579, state.MaxInstant, state.MaxInstant + 1})
	rapid.Check(t, func(t *rapid.T) {
		var p state.Plan
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			switch rapid.IntRange(0, 6).Draw(t, "answer") {
			case 0:
				p = p.WithProject(state.Project{ID: ids.Draw(t, "project")})
			case 1:
				p = p.WithCluster(state.Cluster{Name: ids.Draw(t, "cluster"), PITEnabled: rapid.Bool().Draw(t, "pit")})
			case 2:
				p = p.WithSnapshot(state.Snapshot{ID: ids.Draw(t, "snapshot")})
			case 3:
				p = p.WithDelivery(rapid.SampledFrom(state.DeliveryTypes()).Draw(t, "type"))
			case 4:
				p = p.WithMoment()
			case 5:
				i := state.Instant{UTCSeconds: seconds.Draw(t, "seconds"), OplogTs: seconds.Draw(t, "ts"), OplogInc: seconds.Draw(t, "inc")}
				p = p.WithFields(i, state.Target{Project: state.Project{ID: ids.Draw(t, "target project")}, ClusterName: ids.Draw(t, "target")}, state.Draft{})
			case 6:
				n := collections.Split(rapid.SampledFrom([]string{"shop", "shop.orders", "", "a b", "admin"}).Draw(t, "name"))
				p = p.WithOnly(collections.Choice{Write: rapid.SampledFrom([]collections.Write{"", collections.OverwriteExisting}).Draw(t, "write")}.With(n))
			}
		}
		body, err := p.Request()
		if (p.Next() != state.StepReview) && err == nil {
			t.Fatalf("an open plan gave %+v", body)
		}
		if err != nil {
			return
		}
		if err := body.Check(); err != nil {
			t.Fatalf("%+v: %v", body, err)
		}
		if (body.DeliveryType == state.Collections) != (body.Asked != nil) || body.Erases() != p.Erases() {
			t.Fatalf("%+v: collections are asked for of another delivery, or what it erases is not what the plan says", body)
		}
		if one := body.SnapshotID != ""; body.DeliveryType == state.Collections && one == (body.PointInTimeUTCSeconds != 0 || body.OplogTs != 0) {
			t.Fatalf("%+v: not exactly one point", body)
		}
		if body.DeliveryType == state.PointInTime && (body.PointInTimeUTCSeconds != 0) == (body.OplogTs != 0 && body.OplogInc != 0) {
			t.Fatalf("%+v: not exactly one instant", body)
		}
	})
}
