package state_test

import (
	"encoding/json"
	"testing"

	"atlas-restore/state"
	"atlas-restore/state/collections"
)

// orders restores shop.orders of a snapshot onto a cluster that lives on.
func orders() state.Plan {
	return plan(state.Automated).WithDelivery(state.Collections).WithOnly(collections.Choice{}.With(collections.Name{Database: "shop", Collection: "orders"}))
}

func TestCollectionsBody(t *testing.T) {
	moment := plan(state.PointInTime).WithDelivery(state.Collections).WithOnly(orders().Only)
	for name, tc := range map[string]struct {
		plan state.Plan
		want string
	}{
		"a snapshot": {orders(), `{"targetGroupId":"65f0c1d2e3a4b5c6d7e8f902","targetClusterName":"orders-stg","snapshotId":"6925c1d2e3a4b5c6d7e8f903","writeStrategy":"CREATE_NEW","indexStrategy":"ALL","collections":[{"sourceNamespace":"shop.orders","targetNamespace":"shop.orders"}]}`},
		"a moment":   {moment, `{"targetGroupId":"65f0c1d2e3a4b5c6d7e8f902","targetClusterName":"orders-stg","pointInTimeUtcSeconds":1795442579,"writeStrategy":"CREATE_NEW","indexStrategy":"ALL","collections":[{"sourceNamespace":"shop.orders","targetNamespace":"shop.orders"}]}`},
	} {
		r, err := tc.plan.Request()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if raw, _ := json.Marshal(r.Body()); string(raw) != tc.want {
			t.Errorf("%s: body\n%s, want\n%s", name, raw, tc.want)
		}
		// The journal keeps the request as it is, and knows it again.
		raw, _ := json.Marshal(r)
		var again state.Request
		if err := json.Unmarshal(raw, &again); err != nil || again.Check() != nil || !again.Asked.Same(*r.Asked) {
			t.Errorf("%s: kept as %s, %v", name, raw, err)
		}
	}
}

// Collections that are made anew are confirmed as a download is, since nothing is erased. What
// overwrites is confirmed by the name of the cluster, as every overwrite is.
func TestConfirmationOfCollections(t *testing.T) {
	over := func(p state.Plan) state.Plan {
		only := p.Only
		only.Write = collections.OverwriteExisting
		return p.WithOnly(only)
	}
	itself := orders()
	itself.Target = state.Target{Project: itself.Project, ClusterName: itself.Cluster.Name}
	practice := over(itself)
	practice.Practice = true
	for name, tc := range map[string]struct {
		plan state.Plan
		want string
	}{
		"create new":                    {orders(), "collections"},
		"create new beside the source":  {itself, "collections"},
		"overwrite":                     {over(orders()), "orders-stg"},
		"overwrite those of the source": {over(itself), "overwrite orders-prod"},
		"overwrite in a training":       {practice, "overwrite train/orders-prod"},
		"nothing chosen":                {orders().WithOnly(collections.Choice{}), ""},
	} {
		for _, typed := range []string{"collections", "download", "orders-stg", "orders-prod", "overwrite orders-prod", "overwrite train/orders-prod", ""} {
			if got := tc.plan.Confirms(typed); got != (typed == tc.want && typed != "") {
				t.Errorf("%s: %q confirms: %v", name, typed, got)
			}
		}
	}
}

// The choice of collections is a step of its own, and belongs to the source.
func TestStepOfCollections(t *testing.T) {
	p := orders()
	if p.Next() != state.StepReview || p.After(state.StepDelivery) != state.StepCollections || p.After(state.StepCollections) != state.StepFields {
		t.Errorf("next is %v, then %v, %v", p.Next(), p.After(state.StepDelivery), p.After(state.StepCollections))
	}
	if q := p.WithOnly(collections.Choice{}); q.Next() != state.StepCollections {
		t.Errorf("without a choice %v is next", q.Next())
	}
	if q := p.WithCluster(state.Cluster{Name: "carts"}); !q.Only.IsZero() {
		t.Errorf("of another cluster stay %v", q.Only.Names)
	}
	if q := p.WithCluster(state.Cluster{Name: "carts", InstanceSize: "M40_NVME"}); q.Delivery != "" {
		t.Errorf("from NVMe disks comes %s", q.Delivery)
	}
	if q := p.WithSnapshot(state.Snapshot{ID: otherID}); q.ByMoment() || q.Only.IsZero() {
		t.Error("another snapshot drops the choice, or makes a moment of it")
	}
	nvme := state.Cluster{Name: "orders-stg", InstanceSize: "M40_NVME"}
	if p.Accepts(nvme) == nil || p.WithDelivery(state.Automated).Accepts(nvme) != nil {
		t.Error("NVMe disks take collections, or take no whole snapshot")
	}
}
