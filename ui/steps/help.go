package steps

import (
	"strings"

	"atlas-restore/state"
)

// HelpText explains a step: what it means for the restore, and what Atlas does. Each
// element is a paragraph.
type HelpText struct {
	Title string
	Means []string
	Keys  []KeyHelp
	Atlas []string
	Docs  string // the page of Atlas's documentation that it comes from
}

// KeyHelp is what a key of the full screen does. It is told only where the page takes the key, or will.
type KeyHelp struct {
	Key, Text string
	Coming    bool // the page takes it later on, by itself
}

const docs = "https://www.mongodb.com/docs/atlas/backup/cloud-backup/"

// Help explains a step of the session. What the job means depends on whether it has ended.
func (s *Session) Help(step state.Step) HelpText {
	if f := s.Follow; step == StepJob && f != nil && f.State(s.Cfg.Instant()).Ended() {
		return endedHelp(s.Plan.Delivery, f.State(s.Cfg.Instant()), s.fetch.Downloaded() || s.fetch.settled())
	}
	h := help(step, s.Plan)
	if s.Cfg.EndsWithUs() {
		ends := strings.NewReplacer(
			jobGoesOn, "In this training the job ends when you leave. A real job runs in Atlas and goes on.",
			snapshotGoesOn, "In this training it ends when you leave the program. A real one goes on.",
		)
		for i, text := range h.Means {
			h.Means[i] = ends.Replace(text)
		}
	}
	return h
}

// What becomes of what runs in Atlas when one leaves, where Atlas is real.
const (
	jobGoesOn      = "The job runs in Atlas and goes on when you leave."
	snapshotGoesOn = "It goes on when you leave, and is in the list of snapshots."
)

// help explains a step. What the fields and the review mean depends on the delivery type, and
// the job is one that runs. The sources are the pages of Atlas's documentation under docs.
func help(step state.Step, p state.Plan) HelpText {
	switch step {
	case StepSignIn:
		return HelpText{
			Title: "Sign in",
			Means: []string{
				"Atlas lets nobody in without a credential. The program tries what you type here with Atlas, keeps it in memory only, and forgets it at its end.",
				"To skip this page, set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET, or sign in with the Atlas CLI (atlas auth login): its profiles are read.",
			},
			Atlas: []string{
				"A service account is an id and a secret. Atlas gives a token for them, which is good for an hour. An API key is a public and a private key, used in every request.",
				"An organisation's API access list can limit both to some addresses.",
			},
			Docs: "https://www.mongodb.com/docs/atlas/configure-api-access/",
		}
	case state.StepProject:
		return HelpText{
			Title: "Source",
			Means: []string{
				"Choose the cluster that has the data that you want back: by its name, its project, or an id; or choose its project first. Where the data goes is asked later, and may be another project.",
				"Nothing is changed in Atlas before you have confirmed on the review at the end.",
			},
			Atlas: []string{
				"Atlas lists the projects that this credential may see. If yours is missing, the credential is not a member of it: Project Read Only lets it be seen, Project Backup Manager (or Owner) lets it be restored.",
				"The list of the clusters of all projects is one request, which is made once a run. It lacks " + state.FoundLacks + ", and what a cluster's backups offer. The project's own list, which is read when the project is opened, has all of them: a name that the one list lacks is looked for there, in 50 projects at once at most.",
				"Atlas restores between projects of one organisation only.",
			},
			Docs: docs + "restore-overview/",
		}
	case state.StepCluster:
		return HelpText{
			Title: "Cluster",
			Means: []string{
				"The source: the cluster whose backup holds the data. Choosing it here changes nothing.",
				"A cluster that cannot be restored from stays in the list, with the reason.",
			},
			Atlas: []string{
				"M0 clusters have no backups. A paused cluster keeps its snapshots, and they can be restored.",
				"A sharded cluster can be restored only onto one with as many shards and the same kind of config servers.",
			},
			Docs: docs + "restore-overview/",
		}
	case state.StepSnapshot:
		return HelpText{
			Title: "Snapshot",
			Means: []string{
				"The snapshot is the state of the data that you want back. What was written later is not in it.",
				"Where continuous cloud backup is on, any second can be restored instead of a snapshot: choose a moment.",
			},
			Atlas: []string{
				"Atlas takes snapshots by the cluster's schedule and on demand, and deletes each when it expires. A failed or unfinished snapshot cannot be restored.",
				"A fallback snapshot was taken another way because the usual one failed; it may be inconsistent, and is a last resort.",
				"Times are in UTC first, then on your own clock.",
			},
			Docs: docs + "restore-from-snapshot/",
		}
	case state.StepDelivery:
		return HelpText{
			Title: "Delivery type",
			Means: []string{
				"download: you get the data as .tar.gz files, and no cluster is touched. Take it to look into the data, or to bring back single documents by hand.",
				"snapshot onto a cluster (Atlas calls it automated): Atlas erases a cluster and puts the snapshot onto it. Choose another cluster than the source if you can: the source then stays as it is.",
				"moment onto a cluster (Atlas calls it pointInTime): Atlas erases a cluster and gives it the data of one second.",
				"single collections: databases and collections that you choose come into a cluster that stays up. Take it where one collection is lost or spoilt. Nothing is erased unless you say so.",
			},
			Atlas: []string{
				"A download can be cancelled. A restore onto a cluster cannot.",
				"mongorestore cannot read a download: it holds the raw files of the server. Unpack it, and start a mongod of the same version with --dbpath on it.",
			},
			Docs: docs + "restore-from-local-file/",
		}
	case state.StepCollections:
		return collectionsHelp()
	case StepTake, StepSafety:
		return HelpText{
			Title: "New snapshot",
			Means: []string{
				"Atlas takes a snapshot of the cluster as it is now. Nothing is erased. Once completed, it is the snapshot that you have chosen. From the review it is your way back, if the restore turns out to be a mistake.",
				"The program asks Atlas for it as soon as you have given the description and the days. There is no review. " + snapshotGoesOn,
			},
			Atlas: []string{
				"Atlas takes one on-demand snapshot of a cluster at a time. If another is queued or in progress, this one waits for it.",
				"Atlas keeps it for as many days as you say, and then deletes it.",
			},
			Docs: docs + "dedicated-cluster-backup/",
		}
	case StepMoment:
		return HelpText{
			Title: "Moment",
			Means: append(momentMeans(), "Only what you choose next comes back as it was then. Nothing else of the cluster is touched."),
			Atlas: momentAtlas(),
			Docs:  collectionsDocs,
		}
	case StepWhen:
		return HelpText{
			Title: "When was it lost?",
			Means: []string{
				"Say what is missing: a database, a collection, a part of its name, or nothing if nobody knows yet. The program reads when it was lost, and proposes the second before. Nothing is changed by that.",
				"Each row is one thing that happened, by the server's own clock. Enter restores to before the highlighted one: it goes on as if you had typed that moment.",
				"What could not be read is said. That nothing was found is not that nothing happened: then type the moment, or take a snapshot that has it.",
			},
			Atlas: []string{
				"A server logs each drop and rename with its connection, as it is asked for. Deletes stand in its log where they were slow; else counters show them, to the minute.",
				"Logs come in pieces of about five minutes, so the newest minutes may be missing yet. Atlas keeps them for 30 days. They need Project Cluster Log Viewer, or Project Data Access Read Only; counters need Project Read Only; names in snapshots need Backup Manager. Flex clusters have none of them.",
			},
			Docs: "https://www.mongodb.com/docs/atlas/mongodb-logs/",
		}
	case state.StepFields:
		return fieldsHelp(p.Delivery)
	case state.StepReview:
		return reviewHelp(p.Delivery)
	default:
		return jobHelp(p.Delivery)
	}
}

func fieldsHelp(d state.DeliveryType) HelpText {
	if d == state.Collections {
		return HelpText{
			Title: "Target",
			Means: []string{
				"The target is the cluster that the chosen collections come into. It stays up. Mostly it is the source itself.",
				productionRule,
			},
			Atlas: []string{
				"The target must be idle, must have no NVMe disks, and needs room on its disk. Its MongoDB version must be the same major and no lower minor, or the next major.",
				"A cluster takes one such restore at a time.",
			},
			Docs: collectionsDocs,
		}
	}
	h := HelpText{
		Title: "Target",
		Means: []string{
			"The target is the cluster that is erased and gets the data. All that it holds now is lost, indexes too. Check its name, and its project.",
			"The source may be its own target. Then all writes since the restored state are lost. A snapshot of it as it is now is taken first, unless you decline that.",
			productionRule,
		},
		Atlas: []string{
			"The target is down until Atlas has finished. Stop the application first: what it writes during the restore is lost.",
			"The target must be idle. It must have the same topology and the same kind of customer key, if any. Its MongoDB version must be the same major and no lower minor, or the next major.",
		},
		Docs: docs + "restore-from-snapshot/",
	}
	if d == state.PointInTime {
		h.Title = "Moment and target"
		h.Means = append(momentMeans(), h.Means...)
		h.Atlas = append(momentAtlas(), h.Atlas...)
		h.Docs = docs + "restore-from-continuous/"
	}
	return h
}

// momentMeans and momentAtlas are about a moment, whatever is restored to it.
func momentMeans() []string {
	return []string{
		"The moment is one second, in UTC unless you write a zone. To undo a mistake, take the second before it.",
		"An oplog entry is more exact: one write, by the two numbers of its timestamp, as in Timestamp(1795443779, 1). The oplog, local.oplog.rs, has them as ts; change streams have them as clusterTime.",
	}
}

func momentAtlas() []string {
	return []string{
		"Atlas takes the last snapshot before the moment and replays the oplog on it. The window reaches back as many days as the schedule says.",
		"A restore onto a cluster leaves a hole: no moment from its start to the next completed snapshot can be restored.",
	}
}

// productionRule is the rule of state.Names for whoever reads help.
const productionRule = "PRODUCTION is a cluster whose name, or whose project's, or a word of it, begins with prod. What else is called production here says production = [\"prd*\", \"live*\"] in $XDG_CONFIG_HOME/atlas-restore/config.toml (~/.config, if that is not set)."

func reviewHelp(d state.DeliveryType) HelpText {
	if d == state.Collections {
		return HelpText{
			Title: "Review of a restore of collections",
			Means: []string{
				"Nothing has happened yet. Where nothing is overwritten, type the word collections. What overwrites is confirmed by the name of the cluster, as every overwrite is.",
				"The checks, by name. names: the data have all that was chosen. place: what becomes of what has these names on the target. room: the disk. key: your own key management. pace: how long it takes. The others are those of every restore: snapshot, size, window, hole, base, backups, lag, environment, target, fit, running, doubt, role, protected; and where something is overwritten writes and safety.",
				productionRule,
				planRule,
			},
			Atlas: []string{
				"The program sends the request once. If the answer is lost, the outcome is UNKNOWN, and the program does not send it again by itself.",
				"Atlas restores all that was asked for, or takes back what it has written. Views, time series and collections with queryable encryption are left out.",
				"Nothing cancels it. The data go over the public internet, private endpoints or not.",
			},
			Docs: collectionsDocs,
		}
	}
	if d == state.Download {
		return HelpText{
			Title: "Review of a download",
			Means: []string{"Nothing is requested before you say so here. A download overwrites nothing."},
			Atlas: []string{
				"Atlas prepares one file for each replica set; a small cluster takes about 4 minutes. Each link works once, and for one hour.",
				"A link uses https on port 27017. It works only from addresses on the project's IP access list.",
			},
			Docs: docs + "restore-from-local-file/",
		}
	}
	return HelpText{
		Title: "Review of a restore",
		Means: []string{
			"Nothing has happened yet. Read what is erased, and what is lost.",
			"To go on, type the exact name of the cluster that is erased. Enter alone does nothing. In a training you type train/ before the name: no real cluster can be called that, so what you type here can never confirm a real restore.",
			"The checks, by name. snapshot: it is complete and does not expire soon. size: it is like that of the others. window, hole, base: the moment can be restored. backups: they are on. target: it is there and idle. fit: version, topology and encryption go together. disk: there is room. speed: nothing makes the restore slow. running: no other restore onto the target is running, as far as the named lists show; a restore from a third cluster stands in none of them. A restore within the last hour is told, as it may be the work of somebody else. doubt: no earlier request is without an answer. role: your credential may do this. environment: production or not. protected: config.toml does not forbid it. safety: a snapshot of the target as it is now; onto the source itself one is chosen already.",
			productionRule,
			planRule,
		},
		Atlas: []string{
			"The program sends the request once. If the answer is lost, the outcome is UNKNOWN, and the program does not send it again by itself.",
			"Atlas cannot cancel it. A small cluster takes about 4 minutes, much data takes longer.",
		},
		Docs: docs + "restore-from-snapshot/",
	}
}

// planRule says what a plan file is to the review of what writes into a cluster.
const planRule = "The plan can be saved to a file, which somebody else can read, approve and run. Of a run from such a file two checks more are made. plan: what has changed since is told, and another cluster of the same name is a BLOCK. approval: a second person has said yes, where config.toml wants that."

func jobHelp(d state.DeliveryType) HelpText {
	h := HelpText{
		Title: "Restore job",
		Means: []string{jobGoesOn},
		Atlas: []string{
			"Atlas reports no progress, and no reason for a failure. It says when the job has ended.",
			"After a restore Atlas builds the search indexes again. The cluster can be restored to a moment again only after its next snapshot.",
		},
		Docs: docs + "restore-overview/",
	}
	if d == state.Collections {
		h.Atlas = []string{
			"Atlas tells the documents so far, and each collection by itself. The total is an estimate, and changes.",
			"A collection whose name was taken comes back as another name, which the page tells. Search indexes are not restored.",
			"The job is good only where every collection is.",
		}
		h.Docs = collectionsDocs
	}
	if d == state.Download {
		h.Means = append(h.Means, "A link is a password to all the data: give it only to people who may have that.")
		h.Keys = []KeyHelp{
			{"d", "d, once the links are there, fetches the files into a directory and proves each while it comes, by the checksums of WiredTiger's own blocks. Only a file that is proven gets its name.", true},
			{"a", "a, where the links are over, asks by y for another download of the same snapshot, and goes on with what is there. One y makes one job.", true},
		}
		h.Atlas = []string{
			"Each link works once, for an hour, by https on port 27017, from addresses on the project's IP access list. The link of a flex cluster works for four hours, from everywhere.",
			"A link that answers 410 Gone has been used: ask for a new download. Atlas does not report use.",
			"If you cancel, the links stop working.",
		}
		h.Docs = docs + "restore-from-local-file/"
	}
	return h
}

// endedHelp explains a job that has ended; fetched says that nothing of its files is left to fetch.
func endedHelp(d state.DeliveryType, st state.JobState, fetched bool) HelpText {
	h := jobHelp(d)
	for i, k := range h.Keys { // what is still to come is that the links expire
		h.Keys[i].Coming = k.Key == "a" && st == state.Ready && !fetched
	}
	switch {
	case fetched:
		h.Means[0] = "The job has ended in Atlas, and nothing is left to fetch: what came of each file stands on the page."
	case st == state.Ready:
		h.Means[0] = "The job has ended in Atlas, and the files can be fetched until the links expire."
	case d == state.Download && st != state.Expired: // there were no links, or they are worth nothing
		h.Means = []string{"The job has ended in Atlas. Nothing more happens."}
		h.Atlas = h.Atlas[:1]
	default:
		h.Means = []string{"The job has ended in Atlas. Nothing more happens."}
	}
	if d.Overwrites() {
		h.Atlas[0] = "Atlas reports no reason for a failure."
	}
	return h
}

const collectionsDocs = docs + "restore-from-db-coll/"

func collectionsHelp() HelpText {
	return HelpText{
		Title: "Which collections",
		Means: []string{
			"Mark what you want back: a database with all its collections, or single ones. Typing filters; a database opens when you go into it, or when you type its name and a dot.",
			"create new erases nothing: where the name is taken, Atlas gives another one. overwrite drops what has the name, and what is written to it until the end is lost.",
			"An index that deletes by itself (TTL) begins to delete as soon as it stands: leave these out if old documents are to be looked at.",
		},
		Atlas: []string{
			"Atlas takes at most 100 databases and 100 collections in one restore. It tells no sizes.",
			"Views, time series and collections with queryable encryption cannot be restored one by one.",
			"It may take longer than the restore of the whole cluster.",
		},
		Docs: collectionsDocs,
	}
}
