package state

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Restorable says why nothing can be restored from this cluster, in a few words
// for its row; nil if something can.
func (c Cluster) Restorable() error {
	switch {
	case c.Unreadable != "":
		return errors.New("cannot be read: " + c.Unreadable)
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
	if s.When().After(now.Add(snapshotAhead)) {
		return fmt.Errorf("dated %s, which is still to come", UTC(s.When(), now))
	}
	return nil
}

// snapshotAhead is how far a snapshot may be dated ahead of the clock here, which goes on from an earlier answer of Atlas. What is
// dated later is of no clock.
const snapshotAhead = time.Hour

// Ended says whether Atlas is done with the snapshot: it is completed, or failed.
func (s Snapshot) Ended() bool {
	switch strings.ToLower(s.Status) {
	case "queued", "inprogress":
		return false
	}
	return true
}

// Fallback says whether Atlas took the snapshot another way because the usual one failed.
// It may be inconsistent (Atlas: fallback snapshots).
func (s Snapshot) Fallback() bool { return s.Kind == "fallback" }

// IsSafety says whether this program took the snapshot before a restore, and nobody called it otherwise.
func (s Snapshot) IsSafety() bool { return s.Description == SafetyDescription }

// ExpiresSoon says whether less than a day is left of the snapshot.
func (s Snapshot) ExpiresSoon(now time.Time) bool {
	return !s.ExpiresAt.IsZero() && s.ExpiresAt.Sub(now) < 24*time.Hour
}

// Offers says why this delivery type cannot be had from the cluster; nil if it can.
func (c Cluster) Offers(d DeliveryType) error {
	if d == Collections {
		return c.offersCollections()
	}
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

// offersCollections says why no single collections can be had from the cluster (Atlas: "restore
// collections", considerations).
func (c Cluster) offersCollections() error {
	switch {
	case c.Family == Flex:
		return errors.New("a flex cluster is restored as a whole only")
	case c.Terminated:
		return errors.New("a terminated cluster is restored as a whole only")
	case c.NVMe():
		return errors.New("not from a cluster with NVMe disks")
	}
	return nil
}

// NVMe says whether the disks of the cluster are local ones, which Atlas backs up and restores
// as a whole only.
func (c Cluster) NVMe() bool { return strings.Contains(c.InstanceSize, "NVME") }

// Accepts says why target cannot take what the plan restores, in a few words for
// its row; nil if nothing speaks against it that the two clusters show. The rules
// are those of Atlas's "back up and restore cluster data": state, topology, version,
// encryption. What begins a moment is not known here, and with it its topology: see
// checkFit.
func (p Plan) Accepts(target Cluster) error { return p.accepts(target, p.topology(Snapshot{})) }

// AcceptsFound is Accepts of a cluster of which only that may be known what the list of all
// clusters tells. What that list does not tell is no reason here.
func (p Plan) AcceptsFound(f Found) error {
	if f.Whole {
		return p.Accepts(f.Cluster)
	}
	if err := p.acceptsType(f.Cluster); err != nil {
		return err
	}
	return p.acceptsVersion(f.Cluster)
}

// acceptsType says what keeps the data from the topology of a target.
func (p Plan) acceptsType(target Cluster) error {
	src := p.Cluster
	switch {
	case src.Type.IsSharded() && target.Type == ReplicaSet:
		return errors.New("a replica set cannot take a sharded cluster")
	case src.Type == ReplicaSet && target.Type.IsSharded():
		return errors.New("sharded: the source is a replica set")
	}
	return nil
}

// NotIdle says that something is under way on a target, which may be a restore.
type NotIdle struct{ State string }

// Error implements error.
func (e NotIdle) Error() string { return strings.ToLower(e.State) + ": wait until it is idle" }

func (p Plan) accepts(target Cluster, data topology) error {
	src := p.Cluster
	switch {
	case target.Unreadable != "":
		return errors.New("cannot be read: " + target.Unreadable)
	case target.Provider == "TENANT":
		return errors.New("M0 cannot take a restore")
	case target.Family == Flex && src.Family != Flex:
		return errors.New("flex: takes only what comes from flex")
	case target.Terminated:
		return errors.New("terminated")
	case target.Paused:
		return errors.New("paused: resume it first")
	case target.State != "" && target.State != idle:
		return NotIdle{target.State}
	}
	if p.Delivery == Collections && target.NVMe() {
		return errors.New("NVMe disks: takes no single collections")
	}
	if err := p.acceptsType(target); err != nil {
		return err
	}
	if src.Type.IsSharded() {
		if err := data.accepts(target, p.version()); err != nil {
			return err
		}
	}
	if err := p.acceptsVersion(target); err != nil {
		return err
	}
	if provider(target) != provider(src) {
		return fmt.Errorf("encryption differs: %s here, %s at the source", provider(target), provider(src))
	}
	return nil
}

// acceptsVersion is Atlas's rule: the same major version with an equal or higher minor, or
// the next major. Where the feature compatibility version of the data is pinned, the target
// has that major. A version that is not told is no reason here; checkFit names it.
func (p Plan) acceptsVersion(target Cluster) error {
	is, told := major(target.MongoDBVersion)
	of, ofTold := major(p.version())
	if !told || !ofTold {
		return nil
	}
	pin, pinned := major(p.Cluster.PinnedFCV)
	pinned = pinned && p.Cluster.Family != Flex && slices.Compare(pin[:], of[:]) <= 0 // else the data are of before it was pinned
	switch {
	case pinned && is[0] != pin[0]:
		return fmt.Errorf("%s: the feature compatibility version of %s is pinned to %s, so only MongoDB %d takes the data", target.MongoDBVersion, p.Cluster.Name, p.Cluster.PinnedFCV, pin[0])
	case pinned && pin[0] != of[0]:
		return nil // the data are of an older version than what has written them
	case older(target.MongoDBVersion, p.version()):
		return fmt.Errorf("%s is older than the data, %s", target.MongoDBVersion, p.version())
	case p.Cluster.Family == Flex && newer(target.MongoDBVersion, p.version()):
		return fmt.Errorf("%s, a flex snapshot goes onto %s only", target.MongoDBVersion, majorOf(p.version()))
	case is[0] > of[0]+1:
		return fmt.Errorf("%s is too far ahead of the data, %s: only MongoDB %d and %d take them", target.MongoDBVersion, p.version(), of[0], of[0]+1)
	}
	return nil
}

// topology is what is known of the shards and the config servers of data that would be
// restored: one value where it is certain, two where both may be, none where nothing tells.
type topology struct {
	shards        []int
	configServers []string
}

// topology is that of the plan's data. A snapshot keeps what its cluster had when it was
// taken. A moment may have what its base had or what the cluster has now: Atlas does not
// say which, and without the base nothing is known.
func (p Plan) topology(base Snapshot) topology {
	s := p.Snapshot
	if p.ByMoment() {
		s = base
	}
	var t topology
	if n := s.Shards(); n > 0 {
		t.shards = []int{n}
	}
	if s.ConfigServerType != "" {
		t.configServers = []string{s.ConfigServerType}
	}
	if p.ByMoment() && t.shards != nil {
		if n := p.Cluster.Shards; n != t.shards[0] {
			t.shards = append(t.shards, n)
		}
		if c := p.Cluster.ConfigServerType; c != "" && t.configServers != nil && c != t.configServers[0] {
			t.configServers = append(t.configServers, c)
		}
	}
	return t
}

func (t topology) accepts(target Cluster, version string) error {
	few := func(n int) bool { return n <= 3 }
	switch {
	case len(t.shards) > 0 && target.Shards > 0 && !slices.Contains(t.shards, target.Shards):
		return fmt.Errorf("%s, the data have %s", Count(target.Shards, "shard"), t.said())
	case majorOf(version) == "7.0" && majorOf(target.MongoDBVersion) == "8.0" && slices.ContainsFunc(t.shards, few) && target.ConfigServerType == "EMBEDDED":
		return errors.New("config servers are embedded: data of MongoDB 7.0 need dedicated ones")
	case len(t.configServers) > 0 && target.ConfigServerType != "" && !slices.Contains(t.configServers, target.ConfigServerType):
		return fmt.Errorf("config servers are %s, those of the data %s", strings.ToLower(target.ConfigServerType), strings.ToLower(strings.Join(t.configServers, " or ")))
	}
	return nil
}

// said is how many shards the data have: "2", "2 or 3".
func (t topology) said() string {
	var out []string
	for _, n := range t.shards {
		out = append(out, strconv.Itoa(n))
	}
	return strings.Join(out, " or ")
}

// Shards is how many the cluster had when the snapshot was taken; 0 where it is not told,
// and for one of a replica set.
func (s Snapshot) Shards() int {
	if s.ConfigServerType == "DEDICATED" { // which are a member of their own
		return max(len(s.Members)-1, 0)
	}
	return len(s.Members)
}

// version is the MongoDB version of the data that would be restored.
func (p Plan) version() string {
	if !p.ByMoment() && p.Snapshot.MongoDBVersion != "" {
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

// older compares versions without their patch level (8.0, 8.2), of which Atlas says
// nothing. Unknown versions are not older.
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
