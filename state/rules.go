package state

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Restorable says why nothing can be restored from this cluster, in a few words
// for its row; nil if something can.
func (c Cluster) Restorable() error {
	switch {
	case c.Provider == "TENANT" || strings.HasPrefix(c.InstanceSize, "M0"):
		return errors.New("M0 has no backups")
	case c.Namesake: // Atlas is asked for snapshots by a cluster's name
		return errors.New("terminated, and another cluster bears its name: its backups cannot be named")
	case c.Terminated:
		return nil
	case !c.BackupEnabled:
		return errors.New("backups are off")
	case c.State == "CREATING":
		return errors.New("still being created: no snapshots yet")
	}
	return nil
}

// Usable says why the snapshot cannot be restored, in a few words for its row; nil
// if it can. Restorable is what is completed and not expired (Atlas: status,
// expiresAt).
func (s Snapshot) Usable(now time.Time) error {
	switch strings.ToLower(s.Status) {
	case "completed":
	case "failed":
		return errors.New("failed: not usable")
	case "queued":
		return errors.New("queued: not taken yet")
	case "inprogress":
		return errors.New("in progress: not complete yet")
	default:
		return fmt.Errorf("%s: not complete", s.Status)
	}
	if !s.ExpiresAt.IsZero() && !s.ExpiresAt.After(now) {
		return errors.New("expired")
	}
	return nil
}

// Fallback says whether Atlas took the snapshot another way because the usual one failed.
// It may be inconsistent (Atlas: fallback snapshots).
func (s Snapshot) Fallback() bool { return s.Kind == "fallback" }

// ExpiresSoon says whether less than a day is left of the snapshot.
func (s Snapshot) ExpiresSoon(now time.Time) bool {
	return !s.ExpiresAt.IsZero() && s.ExpiresAt.Sub(now) < 24*time.Hour
}

// Offers says why this delivery type cannot be had from the cluster; nil if it can.
func (c Cluster) Offers(d DeliveryType) error {
	if d == PointInTime && c.Family == Flex {
		return errors.New("a flex cluster has snapshots only")
	}
	if d == PointInTime && c.Terminated {
		return errors.New("a terminated cluster has snapshots only")
	}
	if d == PointInTime && !c.PITEnabled {
		return errors.New("continuous cloud backup is off for this cluster")
	}
	return nil
}

// Accepts says why target cannot take what the plan restores, in a few words for
// its row; nil if nothing speaks against it that the two clusters show. The rules
// are those of Atlas's "restore from a snapshot": state, topology, version,
// encryption.
func (p Plan) Accepts(target Cluster) error {
	src := p.Cluster
	switch {
	case target.Provider == "TENANT":
		return errors.New("M0 cannot take a restore")
	case target.Family == Flex && src.Family != Flex:
		return errors.New("flex: takes only what comes from flex")
	case target.Terminated:
		return errors.New("terminated")
	case target.Paused:
		return errors.New("paused: resume it first")
	case target.State != "" && target.State != "IDLE":
		return fmt.Errorf("%s: wait until it is idle", strings.ToLower(target.State))
	case src.Type.IsSharded() && !target.Type.IsSharded():
		return errors.New("a replica set cannot take a sharded cluster")
	case !src.Type.IsSharded() && target.Type.IsSharded():
		return errors.New("sharded: the source is a replica set")
	case src.Type.IsSharded() && p.shards() != target.Shards:
		return fmt.Errorf("%s, the data have %d", Count(target.Shards, "shard"), p.shards())
	case src.Type.IsSharded() && majorOf(p.version()) == "7.0" && majorOf(target.MongoDBVersion) == "8.0" && p.shards() <= 3 && target.ConfigServerType == "EMBEDDED":
		return errors.New("config servers are embedded: data of MongoDB 7.0 need dedicated ones")
	case src.Type.IsSharded() && p.configServers() != target.ConfigServerType:
		return fmt.Errorf("config servers are %s, those of the data %s", strings.ToLower(target.ConfigServerType), strings.ToLower(p.configServers()))
	case older(target.MongoDBVersion, p.version()):
		return fmt.Errorf("%s is older than the data, %s", target.MongoDBVersion, p.version())
	case src.Family == Flex && newer(target.MongoDBVersion, p.version()):
		return fmt.Errorf("%s, a flex snapshot goes onto %s only", target.MongoDBVersion, majorOf(p.version()))
	case provider(target) != provider(src):
		return fmt.Errorf("encryption differs: %s here, %s at the source", provider(target), provider(src))
	}
	return nil
}

// shards is how many the data have that would be restored: a snapshot keeps the number that
// its cluster had when it was taken.
func (p Plan) shards() int {
	s := p.Snapshot
	if p.Delivery == PointInTime || len(s.Members) == 0 {
		return p.Cluster.Shards
	}
	if s.ConfigServerType == "DEDICATED" { // which are a member of their own
		return len(s.Members) - 1
	}
	return len(s.Members)
}

func (p Plan) configServers() string {
	if p.Delivery != PointInTime && p.Snapshot.ConfigServerType != "" {
		return p.Snapshot.ConfigServerType
	}
	return p.Cluster.ConfigServerType
}

// version is the MongoDB version of the data that would be restored.
func (p Plan) version() string {
	if p.Delivery != PointInTime && p.Snapshot.MongoDBVersion != "" {
		return p.Snapshot.MongoDBVersion
	}
	return p.Cluster.MongoDBVersion
}

func provider(c Cluster) string {
	if c.EncryptionProvider == "" || c.EncryptionProvider == "NONE" {
		return "no customer key"
	}
	return c.EncryptionProvider + " key"
}

// older compares the major versions (8.0, 7.0) only: Atlas forbids downgrades of
// those, and says nothing of patch levels. Unknown versions are not older.
func older(a, b string) bool {
	x, okX := major(a)
	y, okY := major(b)
	return okX && okY && (x[0] < y[0] || x[0] == y[0] && x[1] < y[1])
}

// newer is older the other way round.
func newer(a, b string) bool { return older(b, a) }

// majorOf is a version without its patch level: "8.0".
func majorOf(v string) string {
	m, ok := major(v)
	if !ok {
		return v
	}
	return fmt.Sprintf("%d.%d", m[0], m[1])
}

func major(v string) (out [2]int, ok bool) {
	parts := strings.SplitN(v, ".", 3)
	if len(parts) < 2 {
		return out, false
	}
	for i := range out {
		n, err := strconv.Atoi(parts[i])
		if err != nil {
			return out, false
		}
		out[i] = n
	}
	return out, true
}

// Count says a number with its noun: "1 shard", "3 shards".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
