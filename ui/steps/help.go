package steps

import (
	"atlas-restore/state"
)

// HelpText explains a step: what it means for the restore, and what Atlas does. Each
// element is a paragraph.
type HelpText struct {
	Title string
	Means []string
	Atlas []string
	Docs  string // the page of Atlas's documentation that it comes from
}

const docs = "https://www.mongodb.com/docs/atlas/backup/cloud-backup/"

// Help explains a step of the session. What the job means depends on whether it has ended.
func (s *Session) Help(step state.Step) HelpText {
	if f := s.Follow; step == StepJob && f != nil && f.State(s.Cfg.Instant()).Ended() {
		return endedHelp(s.Plan.Delivery, f.State(s.Cfg.Instant()))
	}
	return Help(step, s.Plan)
}

// Help explains a step. What the fields and the review mean depends on the delivery
// type, and the job is one that runs. The sources are the pages of Atlas's documentation under docs.
func Help(step state.Step, p state.Plan) HelpText {
	switch step {
	case StepSignIn:
		return HelpText{
			Title: "Sign in",
			Means: []string{
				"Atlas lets nobody in without a credential. What is typed here is tried against Atlas, kept in memory only, and gone when the program ends.",
				"To be spared this: set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET, or log in with the Atlas CLI, whose profiles are read.",
			},
			Atlas: []string{
				"A service account is an id and a secret, for which Atlas gives a token that lives for an hour. An API key is a public and a private key, used in every request.",
				"Both may be bound to addresses: an organisation's API access list keeps all others out.",
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
				"The list of the clusters of all projects is one request, which is made once a run. It lacks " + state.FoundLacks + ", and what a cluster's backups offer. The project's own list, which is read when the project is opened, has all of them.",
				"Atlas restores between projects of one organisation only.",
			},
			Docs: docs + "restore-overview/",
		}
	case state.StepCluster:
		return HelpText{
			Title: "Cluster",
			Means: []string{
				"The source: the cluster whose backup holds the data. Choosing it here changes nothing.",
				"What cannot be restored from stands in the list with the reason.",
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
				"The state of the data that you want back. What was written after a snapshot was taken is not in it.",
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
				"automated: Atlas erases a cluster and puts the snapshot onto it. Take another cluster than the source if you can: the source then stays as it is.",
				"pointInTime: Atlas erases a cluster and gives it the data of one second.",
			},
			Atlas: []string{
				"A download can be cancelled. What overwrites a cluster cannot.",
				"mongorestore cannot read a download: it is the raw files of the server. Unpack it, and start a mongod of the same version with --dbpath on it.",
			},
			Docs: docs + "restore-from-local-file/",
		}
	case StepTake, StepSafety:
		return HelpText{
			Title: "New snapshot",
			Means: []string{
				"Atlas takes a snapshot of the cluster as it is now. Nothing is overwritten. When it is completed it is the chosen one, or where you came from the review, the way back if the restore was a mistake.",
				"It is asked for as soon as description and days are said, without the review. Leaving does not stop it: it goes on, and stands in the list of snapshots.",
			},
			Atlas: []string{
				"Atlas takes one on-demand snapshot of a cluster at a time; another one that is queued or in progress is waited for.",
				"It is kept for as many days as you say, and deleted then.",
			},
			Docs: docs + "dedicated-cluster-backup/",
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
	h := HelpText{
		Title: "Target",
		Means: []string{
			"The target is the cluster that is overwritten: all that it holds now is erased, indexes too. Check its name, and its project.",
			"The source may be its own target. Then all writes since the restored state are lost; a snapshot of it as it is now is taken first, unless you decline it.",
			productionRule,
		},
		Atlas: []string{
			"The target is down until Atlas has finished. Stop the application before: what it writes meanwhile is lost.",
			"The target must be idle, of the same MongoDB major version and no lower minor, or of the next major, of the same topology, and encrypted with the same kind of customer key, if any.",
		},
		Docs: docs + "restore-from-snapshot/",
	}
	if d == state.PointInTime {
		h.Title = "Moment and target"
		h.Means = append([]string{
			"The moment is one second, in UTC unless you write a zone. To undo a mistake, take the second before it.",
			"An oplog entry is more exact: one write, by the two numbers of its timestamp, as in Timestamp(1795443779, 1). They stand as ts in the oplog, local.oplog.rs, and in change streams as clusterTime.",
		}, h.Means...)
		h.Atlas = append([]string{
			"Atlas takes the last snapshot before the moment and replays the oplog on it. The window reaches back as many days as the schedule says.",
			"After a restore of a cluster there is a hole: no moment from the restore's start to the next completed snapshot can be restored.",
		}, h.Atlas...)
		h.Docs = docs + "restore-from-continuous/"
	}
	return h
}

// productionRule is the rule of state.Names for whoever reads help.
const productionRule = "PRODUCTION is a cluster whose name, or whose project's, or a word of it, begins with prod. What else is called production here says production = [\"prd*\", \"live*\"] in $XDG_CONFIG_HOME/atlas-restore/config.toml (~/.config, if that is not set)."

func reviewHelp(d state.DeliveryType) HelpText {
	if d == state.Download {
		return HelpText{
			Title: "Review of a download",
			Means: []string{"Nothing is requested before you say so here. A download overwrites nothing."},
			Atlas: []string{
				"Atlas prepares one archive for each replica set; a small cluster takes about 4 minutes. Each link works once, and for one hour.",
				"The link is reached by https on port 27017, from addresses on the project's IP access list only.",
			},
			Docs: docs + "restore-from-local-file/",
		}
	}
	return HelpText{
		Title: "Review of a restore",
		Means: []string{
			"The last moment at which nothing has happened yet. Read what is erased, and what is lost.",
			"To go on, type the exact name of the cluster that is erased. Enter alone does nothing. In a training train/ stands before it, which can be in no name of a real cluster.",
			"Checked: snapshot, it is whole and does not expire soon; size, it is like that of the others; window, hole and base, the moment can be had; backups, they are on; target, it is there and idle; fit, version, topology and encryption; disk, there is room; speed, nothing makes it slow; running, no restore onto it stands in the lists that are named: the restores of its own backups, of the source, and those from this machine; role, the key may; environment, production or not; safety, the snapshot of the target as it is now, which is chosen already where the target is the source.",
			productionRule,
		},
		Atlas: []string{
			"The request is sent once. If its answer is lost, the outcome is called unknown, and it is not sent again by itself.",
			"Atlas cannot cancel it. A small cluster takes about 4 minutes, much data takes longer.",
		},
		Docs: docs + "restore-from-snapshot/",
	}
}

func jobHelp(d state.DeliveryType) HelpText {
	h := HelpText{
		Title: "Restore job",
		Means: []string{"The job runs in Atlas, whether you look at it or not. Leaving does not stop it."},
		Atlas: []string{
			"Atlas tells neither a progress nor a reason for a failure. It says when the job has ended.",
			"After a restore, search indexes are built anew, and the cluster can be restored to a point in time again only after its next snapshot.",
		},
		Docs: docs + "restore-overview/",
	}
	if d == state.Download {
		h.Means = append(h.Means, "The links are passwords to the whole data: give them to nobody who must not have it.")
		h.Atlas = []string{
			"Each link works once, for an hour, by https on port 27017, from addresses on the project's IP access list; that of a flex cluster works for four hours, from everywhere. 410 Gone means that it is used up: ask for a new download. Atlas does not tell which are.",
			"Cancelling makes the links useless.",
		}
		h.Docs = docs + "restore-from-local-file/"
	}
	return h
}

// endedHelp explains a job that has ended.
func endedHelp(d state.DeliveryType, st state.JobState) HelpText {
	h := jobHelp(d)
	switch {
	case st == state.Ready:
		h.Means[0] = "The job has ended in Atlas, and the files can be fetched until the links expire."
	case d == state.Download && st != state.Expired: // there were no links, or they are worth nothing
		h.Means = []string{"The job has ended in Atlas. Nothing more happens."}
		h.Atlas = h.Atlas[:1]
	default:
		h.Means = []string{"The job has ended in Atlas. Nothing more happens."}
	}
	if d.Overwrites() {
		h.Atlas[0] = "Atlas tells no reason where a job fails."
	}
	return h
}

// Term is a word of the glossary.
type Term struct{ Word, Means string }

// Glossary are the words that the wizard uses, as Atlas uses them.
func Glossary() []Term {
	return []Term{
		{"project", "holds clusters, and the people and keys that may use them; Atlas's API calls it a group"},
		{"cluster", "a MongoDB deployment in Atlas: one replica set, or several shards"},
		{"production", "what must not be erased unawares: clusters that are called prod and the like, marked PRODUCTION; config.toml adds names"},
		{"source", "the cluster whose backup is restored"},
		{"target", "the cluster that a restore overwrites"},
		{"snapshot", "a copy of all data of a cluster at one moment, kept until it expires"},
		{"oplog", "the list of all writes of a cluster, in order; Atlas keeps it where continuous cloud backup is on"},
		{"oplog entry", "one write, named by its timestamp: seconds since 1970, and its number within that second"},
		{"point in time", "any second, or oplog entry, of the restore window: a snapshot with the oplog replayed up to it"},
		{"restore window", "how far back a point in time can lie: the schedule's days, but not before the oldest snapshot"},
		{"delivery type", "how Atlas hands over the data: download, automated or pointInTime"},
		{"download", "delivery as .tar.gz files over links that work once; overwrites nothing"},
		{"automated", "delivery of a snapshot onto a cluster, which is erased first"},
		{"pointInTime", "delivery of a point in time onto a cluster, which is erased first"},
		{"restore job", "what Atlas makes of a request to restore; it has an id, and runs whether anybody looks or not"},
		{"replica set", "servers that hold the same data; a shard is one"},
		{"shard", "a replica set that holds a part of a sharded cluster's data"},
	}
}
