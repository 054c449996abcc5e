package steps

import (
	"atlas-restore/forms/columns"
	"atlas-restore/state"
)

// Deliveries asks how the data is to be delivered. The harmless type comes first, so
// that Enter pressed once too often overwrites nothing.
func Deliveries(cfg Config, plan state.Plan) List[state.DeliveryType] {
	return List[state.DeliveryType]{
		Step: state.StepDelivery, Noun: "delivery type", Columns: []columns.Column{{}, {Rank: 1}},
		Items: state.DeliveryTypes(),
		Row: func(d state.DeliveryType) Row {
			r := Row{ID: string(d), Name: string(d), Cells: []string{string(d), deliveryWords(d)}}
			if err := plan.Cluster.Offers(d); err != nil {
				r.Barred = err.Error()
				r.Cells[1] = ""
			}
			return r
		},
		Answer: state.Plan.WithDelivery,
		Meaning: func(d state.DeliveryType, ok bool) string {
			if !ok {
				return "Choose how the data is delivered."
			}
			meaning := DeliveryMeaning(d, plan.Cluster.Family)
			if d == state.PointInTime && plan.Snapshot.ID != "" {
				meaning += " The snapshot is not used."
			}
			return meaning
		},
		Chosen: string(plan.Delivery),
		Given:  cfg.Given.Delivery, Flag: state.FlagDelivery,
		Usual: cfg.Given.TargetCluster == "", // whoever has named a target wants no download
	}
}

func deliveryWords(d state.DeliveryType) string {
	switch d {
	case state.Download:
		return "get the data as .tar.gz; overwrites nothing"
	case state.Automated:
		return "the snapshot onto a cluster, erasing it"
	case state.PointInTime:
		return "a moment onto a cluster, erasing it"
	}
	return ""
}

// DeliveryMeaning says what a delivery type does to the clusters.
func DeliveryMeaning(d state.DeliveryType, of state.Family) string {
	switch d {
	case state.Automated:
		return "The snapshot replaces all data of a cluster that you choose next; that cluster is down meanwhile."
	case state.PointInTime:
		return "A cluster that you choose next gets the data of one second, and loses all that it holds."
	default:
		if of == state.Flex {
			return "A link to the data files. " + linkLife(of) + " No cluster is touched."
		}
		return "Links to the raw data files, one per replica set; each works once, for an hour. No cluster is touched."
	}
}
