package simulator

// template is a cluster of the made-up organisation.
type template struct {
	project string
	Cluster
}

// projectTemplates are the projects, in the order of the list.
func projectTemplates() []Project {
	return []Project{
		{Name: "Payments", Tags: map[string]string{"environment": "production"}, AccessList: []AccessEntry{{CIDR: "203.0.113.0/24", Comment: "office"}, {CIDR: "198.51.100.17/32", Comment: "bastion"}}},
		{Name: "Payments Staging", Tags: map[string]string{"environment": "staging"}},
		{Name: "Analytics", Tags: map[string]string{"environment": "production"}, EndpointRegion: "US_EAST_1", AccessList: []AccessEntry{{CIDR: "198.51.100.17/32", Comment: "bastion"}}},
		{Name: "Storefront", Tags: map[string]string{"environment": "production"}},
		{Name: "Platform Shared", EndpointRegion: "EU_WEST_1", AccessList: []AccessEntry{{SecurityGroup: "sg-026348117804", Comment: "application servers"}}},
		{Name: "Sandbox", Tags: map[string]string{"environment": "development"}, AccessList: []AccessEntry{{CIDR: "0.0.0.0/0", Comment: "everybody"}}},
		{Name: "Research Archive", Compliance: true},
	}
}

// replicaSet is a healthy replica set, to be changed by what makes it special.
func replicaSet(project, name, version, size string, disk, data float64, changes ...func(*Cluster)) template {
	t := template{project, Cluster{
		Name: name, Type: "REPLICASET", State: "IDLE", Shards: 1, BackupEnabled: true, RestoreWindowDays: 7,
		MongoDBVersion: version, Encryption: "NONE", InstanceSize: size, Provider: "AWS", Region: "EU_WEST_1",
		DiskSizeGB: disk, DataGB: data,
	}}
	for _, change := range changes {
		change(&t.Cluster)
	}
	return t
}

func shardedSet(project, name, version, size string, disk, data float64, shards int, config string, changes ...func(*Cluster)) template {
	t := replicaSet(project, name, version, size, disk, data)
	t.Type, t.Shards, t.ConfigServerType, t.Region = "SHARDED", shards, config, "US_EAST_1"
	for _, change := range changes {
		change(&t.Cluster)
	}
	return t
}

// flexSet is a flex cluster. Its provider says so; what is below it is always AWS here.
func flexSet(project, name, version string, data float64, changes ...func(*Cluster)) template {
	t := replicaSet(project, name, version, "FLEX", 5, data, on("FLEX", "EU_WEST_1"))
	for _, change := range changes {
		change(&t.Cluster)
	}
	return t
}

func pit(c *Cluster)      { c.PITEnabled = true }
func noBackup(c *Cluster) { c.BackupEnabled = false }
func paused(c *Cluster)   { c.Paused = true }
func updating(c *Cluster) { c.State = "UPDATING" }
func creating(c *Cluster) { c.State = "CREATING" }
func kms(c *Cluster)      { c.Encryption = "AWS" }
func copied(c *Cluster)   { c.CopyRegions = []string{"EU_CENTRAL_1"} }
func exported(c *Cluster) { c.Exported = true }
func pinned(c *Cluster)   { c.PinnedFCV = "7.0" } // its own: a pin of before an upgrade
func shortPIT(c *Cluster) { c.PITEnabled, c.RestoreWindowDays = true, 2 }
func global(c *Cluster)   { c.Type = "GEOSHARDED" }
func on(provider, region string) func(*Cluster) {
	return func(c *Cluster) { c.Provider, c.Region = provider, region }
}
func m0(c *Cluster) { c.Provider, c.BackupEnabled, c.RestoreWindowDays = "TENANT", false, 0 }

const (
	embedded  = "EMBEDDED"
	dedicated = "DEDICATED"
)

// terminatedTemplates are clusters that were terminated and whose backups were kept.
func terminatedTemplates() []template {
	return []template{
		replicaSet("Storefront", "wishlists", "8.0.29", "M30", 60, 21.5),
		replicaSet("Storefront", "carts", "7.0.28", "M30", 60, 11), // another one of its name was made since
	}
}

// clusterTemplates are the clusters. Names that differ by a letter, targets that do
// not fit and clusters in a bad state are there on purpose.
func clusterTemplates() []template {
	return []template{
		replicaSet("Payments", "orders-prod", "8.0.29", "M30", 60, 38.9, pit),
		replicaSet("Payments", "orders-prod-restore", "8.0.29", "M20", 60, 0.6, pit),
		replicaSet("Payments", "ledger-prod", "8.0.29", "M50", 240, 171, pit, copied),
		replicaSet("Payments", "ledger-prd", "8.0.29", "M50", 240, 2.3),
		replicaSet("Payments", "fraud-scores", "7.0.28", "M40", 120, 64, pit, kms),
		replicaSet("Payments", "fraud-scores-restore", "7.0.28", "M40", 120, 0.9, kms),

		replicaSet("Payments Staging", "orders-stg", "8.0.29", "M20", 60, 12.4, pit),
		replicaSet("Payments Staging", "ledger-stg", "8.0.29", "M30", 240, 31, updating),

		shardedSet("Analytics", "events", "8.0.29", "M40", 500, 912, 3, embedded, pit),
		shardedSet("Analytics", "events-restore", "8.0.29", "M40", 500, 3.1, 3, embedded),
		shardedSet("Analytics", "sessions", "8.0.29", "M30", 160, 140, 2, embedded),
		shardedSet("Analytics", "clicks-archive", "7.0.28", "M30", 320, 402, 2, dedicated, pinned),
		replicaSet("Analytics", "reports", "7.0.28", "M20", 40, 11, paused, on("AWS", "US_EAST_1")),

		replicaSet("Storefront", "catalog", "8.0.29", "M30", 80, 27, on("GCP", "WESTERN_EUROPE")),
		replicaSet("Storefront", "carts", "7.0.28", "M30", 60, 18.2, shortPIT),
		replicaSet("Storefront", "search-legacy", "6.0.26", "M20", 40, 9.7, on("AZURE", "EUROPE_WEST")),
		shardedSet("Storefront", "catalog-global", "8.0.29", "M30", 80, 55, 2, embedded, global),

		shardedSet("Platform Shared", "audit-log", "8.0.29", "M40", 400, 633, 3, dedicated, pit, exported, on("AWS", "EU_WEST_1")),
		replicaSet("Platform Shared", "settings", "8.0.29", "M10", 20, 1.9, pit),
		replicaSet("Platform Shared", "mail-queue", "6.0.26", "M10", 20, 3.3, noBackup),

		replicaSet("Sandbox", "playground", "8.0.29", "M0", 0.5, 0.2, m0, on("TENANT", "EU_WEST_1")),
		replicaSet("Sandbox", "scratch", "8.0.29", "M10", 40, 4.2),
		replicaSet("Sandbox", "loadtest", "8.0.29", "M30", 60, 0, creating),
		flexSet("Sandbox", "blog", "8.0.29", 1.7),
		flexSet("Sandbox", "blog-restore", "8.0.29", 0.1),
		flexSet("Sandbox", "guestbook", "8.0.29", 0, creating),
	}
}
