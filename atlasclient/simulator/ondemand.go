package simulator

import "fmt"

// takeSnapshot takes an on-demand snapshot, of either family.
func takeSnapshot(c *call) (any, error) {
	x, err := c.backedUp()
	if err != nil {
		return nil, err
	}
	a, err := c.attributes("description", "retentionInDays")
	if err != nil {
		return nil, err
	}
	description, err := a.text("description")
	if err != nil {
		return nil, err
	}
	days := int64(1) // what Atlas does without a retention is not documented
	if a.has("retentionInDays") {
		if days, err = a.number("retentionInDays"); err != nil {
			return nil, refuse(400, "BACKUP_SNAPSHOT_RETENTION_VALUE_INVALID", "The attribute retentionInDays must be a positive number of days.", "retentionInDays")
		}
	}
	switch {
	case !x.BackupEnabled:
		return nil, noBackupJob(x)
	case x.Paused: // no code of this operation is documented for it, and no 409
		return nil, refuse(400, "VALIDATION_ERROR", "Cluster "+x.Name+" is paused.", x.Name)
	case x.restoring(c.now):
		return nil, refuse(400, "CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE", "Cluster "+x.Name+" is being restored.", x.Name)
	}
	for _, s := range x.listed(c.now) {
		if s.Kind == "onDemand" && c.now.Before(s.Done) {
			return nil, refuse(400, "UNFINISHED_ON_DEMAND_SNAPSHOT",
				fmt.Sprintf("Cluster %s has an on-demand snapshot that is not finished yet.", x.Name), x.Name)
		}
	}
	s := c.w.newSnapshot(x, c.now, daysOf(days))
	s.Kind, s.Frequency, s.Description = "onDemand", "ondemand", description
	x.add(s)
	return c.snapshot(x, s), nil
}
