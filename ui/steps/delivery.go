package steps

import (
	"cmp"
	"strings"

	"atlas-restore/forms/columns"
	"atlas-restore/state"
)

// Deliveries asks how the data is to be delivered. None of the types is what is mostly wanted,
// and two of them erase a cluster: nothing is highlighted before somebody moves.
func Deliveries(cfg Config, plan state.Plan) List[state.DeliveryType] {
	return List[state.DeliveryType]{
		Step: state.StepDelivery, Noun: "delivery type", Columns: []columns.Column{{Head: "DELIVERY"}, {Head: "WHAT IT DOES", Rank: 1}, {Head: "IN ATLAS", Rank: 2, Role: columns.Dim}},
		Items: []state.DeliveryType{state.Collections, state.Automated, state.PointInTime, state.Download},
		Row: func(d state.DeliveryType) Row {
			r := Row{ID: string(d), Name: DeliveryName(d), Cells: []string{DeliveryName(d), deliveryWords(d), string(d)}}
			if err := plan.Cluster.Offers(d); err != nil {
				r.Barred = strings.TrimSuffix(err.Error(), " for this cluster")
				r.Cells[1] = ""
			} else if plan.Drill && !d.Overwrites() {
				r.Barred, r.Cells[1] = "a drill restores a whole cluster", ""
			}
			return r
		},
		Answer: state.Plan.WithDelivery,
		Meaning: func(d state.DeliveryType, ok bool) string {
			if !ok {
				return "Choose how the data are delivered: ↓ moves. Nothing is changed before you confirm at the end."
			}
			meaning := DeliveryMeaning(d, plan.Cluster.Family, cfg.Given.TargetCluster)
			if d == state.PointInTime && plan.Snapshot.ID != "" {
				meaning += " The snapshot is not used."
			}
			return meaning
		},
		Chosen: string(plan.Delivery),
		Given:  cfg.Given.Delivery, Flag: state.FlagDelivery,
		ByHand: true,
	}
}

// DeliveryName is a delivery type in plain words.
func DeliveryName(d state.DeliveryType) string {
	switch d {
	case state.Collections:
		return "single collections"
	case state.Download:
		return "download the files"
	case state.Automated:
		return "snapshot onto a cluster"
	case state.PointInTime:
		return "moment onto a cluster"
	}
	return string(d)
}

// deliveryWords say what it does to which cluster.
func deliveryWords(d state.DeliveryType) string {
	if d.Overwrites() {
		return "erases the cluster chosen next"
	}
	if d == state.Collections {
		return "beside what a cluster has"
	}
	return "no cluster is touched"
}

// DeliveryMeaning says what a delivery type does to the clusters; target is the one onto which it
// goes, where that was given already.
func DeliveryMeaning(d state.DeliveryType, of state.Family, target string) string {
	switch d {
	case state.Collections:
		if target != "" {
			return "Databases and collections come into " + target + ", which stays up. Nothing is erased unless you say so."
		}
		return "Databases and collections that you choose next come into a cluster that stays up. Nothing is erased unless you say so."
	case state.Automated:
		return "The snapshot replaces all data of " + cmp.Or(target, "a cluster that you choose next") + "; that cluster is down meanwhile."
	case state.PointInTime:
		if target != "" {
			return "The data of one second come onto " + target + ", which loses all that it holds."
		}
		return "A cluster that you choose next gets the data of one second, and loses all that it holds."
	default:
		if of == state.Flex {
			return "A link to the data files. " + linkLife(of) + " No cluster is touched."
		}
		return "Links to the raw data files, one per replica set; each works once, for an hour. No cluster is touched."
	}
}
