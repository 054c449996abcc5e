package state

// form is how another program takes the request, with the versions of that program that are
// known to do so. What is printed is built from the forms.
type form struct {
	program string
	since   string   // the oldest version that takes it
	until   string   // the newest one that was looked at
	ran     string   // the version that it was last run with; empty: its published source alone says so
	words   []string // that the command begins with; of the Go SDK its import and the method
	media   string   // the version of Atlas's API that the command is given
}

// The forms, from the published sources of the Atlas CLI (internal/cli/backup/restores/start.go,
// internal/cli/api/api.go) and of the Go SDK (admin/api_cloud_backups.go); testdata/peers.json
// has all that each of them takes.
var (
	atlasStart = form{
		program: "Atlas CLI", since: "1.41", until: "1.60", ran: "1.58.1",
		words: []string{"atlas", "backups", "restores", "start"},
	}
	// The CLI has this operation in 2023-01-01 alone.
	atlasAPI = form{
		program: "Atlas CLI", since: "1.41", until: "1.60",
		words: []string{"atlas", "api", "cloudBackups", "createBackupRestoreJob"}, media: "2023-01-01",
	}
	// What is called CloudBackupsAPI was CloudBackupsApi up to v20250312021.
	goSDK = form{
		program: "Atlas Go SDK", since: "v20250312022", until: "v20250312025",
		words: []string{"go.mongodb.org/atlas-sdk/v20250312023/admin", "CloudBackupsAPI.CreateBackupRestoreJob"},
	}
	// The CLI has had it since 1.57, then in two versions of the API.
	atlasCollections = form{
		program: "Atlas CLI", since: "1.57", until: "1.60",
		words: []string{"atlas", "api", "cloudBackups", "createCollectionRestoreJob"}, media: mediaDate,
	}
	goCollections = form{
		program: "Atlas Go SDK", since: "v20250312023", until: "v20250312025",
		words: []string{"go.mongodb.org/atlas-sdk/v20250312023/admin", "CloudBackupsAPI.CreateCollectionRestoreJob"},
	}
	terraformForm = form{
		program: "the Terraform provider mongodbatlas", since: "2.20", until: "2.20",
		words: []string{"mongodbatlas_cloud_backup_collection_restore_job"},
	}
	// --fail-with-body came with 7.76.
	curlForm = form{
		program: "curl", since: "7.76", until: "8", ran: "7.88.1",
		words: []string{"curl"},
	}
)

// note says which versions take it, and which it was run with.
func (f form) note() string {
	text := "For " + f.program + " " + f.since
	if f.until != f.since {
		text += " to " + f.until
	}
	if f.ran == "" {
		return text + ", by its published source; not run yet."
	}
	return text + "; last run with " + f.ran + "."
}
