package steps

// Term is a word of the glossary: one name for one thing, on the screens of both faces, in help,
// errors, the README and the documentation of the JSON.
type Term struct {
	Word  string
	Means string
	// Never are other names of the same thing, or of a part of it. No text says them.
	Never []string
}

// Glossary are the words that the wizard uses, as Atlas uses them. The README has the same table,
// and a test goes through every text for the names that are never said.
func Glossary() []Term {
	return []Term{
		{"project", "holds clusters, and the people and keys that may use them; Atlas's API calls it a group", nil},
		{"cluster", "a MongoDB deployment in Atlas: one replica set, or several shards", nil},
		{"production", "what must not be erased unawares: clusters that are called prod and the like, marked PRODUCTION; config.toml adds names", nil},
		{"source", "the cluster whose backup is restored", []string{"the origin"}},
		{"target", "the cluster that a restore erases and fills", []string{"destination"}},
		{"snapshot", "a copy of all data of a cluster at one moment, kept until it expires", []string{"backup copy", "recovery point", "restore point"}},
		{"oplog", "the list of all writes of a cluster, in order; Atlas keeps it where continuous cloud backup is on", []string{"operation log"}},
		{"oplog entry", "one write, named by its timestamp: seconds since 1970, and its number within that second", []string{"oplog record", "oplog position"}},
		{"moment", "the second, or oplog entry, to which a point in time restore goes back: a snapshot with the oplog replayed up to it", []string{"PITR", "recovery time"}},
		{"restore window", "how far back a moment can lie: the schedule's days, but not before the oldest snapshot", []string{"retention window", "recovery window", "backup window"}},
		{"continuous cloud backup", "what Atlas needs to have on for a cluster, so that a moment can be restored", []string{"continuous backup is", "CPS"}},
		{"delivery type", "how Atlas hands over the data: download, snapshot onto a cluster, moment onto a cluster, or single collections into a cluster", []string{"delivery method", "delivery mode"}},
		{"download", "delivery as .tar.gz files over links that work once; it erases nothing", nil},
		{"snapshot onto a cluster", "delivery of a snapshot onto a cluster, which is erased first; Atlas calls it automated", nil},
		{"single collections", "delivery of chosen databases and collections into a cluster that stays up; Atlas calls it a collection restore", nil},
		{"moment onto a cluster", "delivery of a moment onto a cluster, which is erased first; Atlas calls it pointInTime", nil},
		{"restore job", "what Atlas makes of a request to restore; it has an id, and runs whether anybody looks or not", []string{"restore task", "restore operation"}},
		{"file", "the .tar.gz file of one replica set or shard, in a download", []string{"an archive", "the archive", "each archive", "every archive", "one archive", "1 archive", "tarball"}},
		{"link", "the address of a file; whoever has it can read the data", []string{"download URL", "delivery URL"}},
		{"unused as far as known", "of a link: nobody here has seen it or has fetched its file; Atlas does not report use", []string{"not seen used", "not used yet"}},
		{"shown to you", "of a link: it was shown or copied here, and may have been used since", []string{"handed out"}},
		{"UNKNOWN", "what could not be seen; it is never OK", []string{"NOT TOLD", "UNDETERMINED"}},
		{"BLOCK", "a check that stops the restore; nothing lifts it but its cause", nil},
		{"Missing", "what was written to the source after the data that is restored", []string{"Not in it"}},
		{"plan file", "what the review says, as a file that holds its own hash: somebody else can read it, approve it and run it", nil},
		{"approval", "a second person's signature of a plan file", []string{"sign-off", "countersign"}},
		{"replica set", "servers that hold the same data; a shard is one", nil},
		{"shard", "a replica set that holds a part of a sharded cluster's data", nil},
		{"embedded Atlas", "the Atlas of this program, for training and tests; nothing in it is real", []string{"mock Atlas", "fake Atlas"}},
		{"sign in", "show Atlas a credential: a service account or an API key", []string{"log in to Atlas", "logged in"}},
		{"choose", "take a row of a list, with enter", []string{"select a", "select the", "pick a", "pick the"}},
	}
}
