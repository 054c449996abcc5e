package simulator

// getCompliancePolicy answers GET …/backupCompliancePolicy. What Atlas answers where there is
// none is not recorded; 404 is declared, and clients take it for none.
func getCompliancePolicy(c *call) (any, error) {
	p, err := c.project()
	if err != nil {
		return nil, err
	}
	if !p.Compliance {
		return nil, refuse(404, "BACKUP_COMPLIANCE_POLICY_SETTINGS_NOT_FOUND", "No backup compliance policy exists for group "+p.ID+".", p.ID)
	}
	set := p.Created.Add(30 * day)
	return object{
		"authorizedEmail":         "compliance@example.com",
		"authorizedUserFirstName": "Casey",
		"authorizedUserLastName":  "Example",
		"copyProtectionEnabled":   false,
		"deletable":               false,
		"encryptionAtRestEnabled": false,
		"onDemandPolicyItem": object{
			"frequencyInterval": 0, "frequencyType": "ondemand", "id": c.w.dice.id(set, "compliance", p.ID, "ondemand"),
			"retentionUnit": "weeks", "retentionValue": 4,
		},
		"pitEnabled":        false,
		"projectId":         p.ID,
		"restoreWindowDays": 7,
		"scheduledPolicyItems": []object{{
			"frequencyInterval": 1, "frequencyType": "daily", "id": c.w.dice.id(set, "compliance", p.ID, "daily"),
			"retentionUnit": "days", "retentionValue": 30,
		}},
		"state":       "ACTIVE",
		"updatedDate": stamp(set),
		"updatedUser": "compliance@example.com",
	}, nil
}
