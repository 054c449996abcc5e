package simulator

// policies are the items of every cluster's backup policy.
var policies = []struct {
	frequency string
	interval  int
	unit      string
	value     int
}{
	{"hourly", 6, "days", 7},
	{"daily", 1, "days", 30},
	{"weekly", 6, "weeks", 8},
}

func getSchedule(c *call) (any, error) {
	x, err := c.backedUp()
	if err != nil {
		return nil, err
	}
	if !x.BackupEnabled {
		return nil, refuse(404, "BACKUP_CONFIG_NOT_FOUND", "No backup configuration exists for cluster "+x.Name+".", x.Name, x.project.ID)
	}
	items := []object{}
	for _, p := range policies {
		items = append(items, object{
			"frequencyInterval": p.interval,
			"frequencyType":     p.frequency,
			"id":                c.policyItem(x, p.frequency),
			"retentionUnit":     p.unit,
			"retentionValue":    p.value,
		})
	}
	out := object{
		"autoExportEnabled":      false,
		"clusterId":              x.ID,
		"clusterName":            x.Name,
		"copyPolicyItemsEnabled": false,
		"copySettings":           c.copySettings(x),
		"links": []object{
			link(c.clusterURL(x)+"/backup/schedule", "self"),
			link(c.groupURL(x.project), cloudRel("group")),
		},
		"nextSnapshot":                      stamp(x.due()),
		"policies":                          []object{{"id": c.w.dice.id(x.Created, "policy", x.ID), "policyItems": items}},
		"referenceHourOfDay":                x.firstSlot.Hour(),
		"referenceMinuteOfHour":             x.firstSlot.Minute(),
		"restoreWindowDays":                 x.RestoreWindowDays, // there even if point in time is off
		"useOrgAndGroupNamesInExportPrefix": false,
	}
	if x.Exported {
		out["autoExportEnabled"] = true
		out["export"] = object{"exportBucketId": c.w.dice.id(x.project.Created, "export bucket", x.project.ID), "frequencyType": "monthly"}
	}
	return out, nil
}

func (c *call) copySettings(x *cluster) []object {
	out := []object{}
	for _, region := range x.CopyRegions {
		setting := object{
			"cloudProvider":    x.Provider,
			"frequencies":      []string{"DAILY"},
			"regionName":       region,
			"shouldCopyOplogs": false,
		}
		if c.version == "2023-01-01" {
			setting["replicationSpecId"] = c.w.dice.id(x.Created, "replication", x.ID, 0)
		} else {
			setting["zoneId"] = c.w.dice.id(x.Created, "zone", x.ID, 1)
		}
		out = append(out, setting)
	}
	return out
}

func (c *call) policyItem(x *cluster, frequency string) string {
	return c.w.dice.id(x.Created, "policy item", x.ID, frequency)
}

// policyItems are the items of the policy that made a snapshot.
func (c *call) policyItems(x *cluster, s *Snapshot) []string {
	if s.Kind == "onDemand" {
		return []string{}
	}
	return []string{c.policyItem(x, s.Frequency)}
}
