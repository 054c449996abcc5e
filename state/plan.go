package state

import (
	"errors"
	"time"

	"atlas-restore/state/collections"
)

// DeliveryType is Atlas's word for what a restore job delivers, and how.
type DeliveryType string

// The delivery types of dedicated clusters.
const (
	Download    DeliveryType = "download"
	Automated   DeliveryType = "automated"
	PointInTime DeliveryType = "pointInTime"

	// Collections restores single databases and collections into a cluster that lives on. Atlas
	// calls it a "collection restore job", which is no restore job and knows no delivery types.
	Collections DeliveryType = "collections"
)

// DeliveryTypes are all of them, the harmless one first.
func DeliveryTypes() []DeliveryType {
	return []DeliveryType{Download, Collections, Automated, PointInTime}
}

// Words are the type in plain English: what goes where.
func (d DeliveryType) Words() string {
	switch d {
	case Automated:
		return "snapshot onto a cluster"
	case PointInTime:
		return "moment onto a cluster"
	case Collections:
		return "single collections into a cluster"
	case Download:
	}
	return string(d)
}

// Named are these words with Atlas's own beside them, where that is another.
func (d DeliveryType) Named() string {
	if words := d.Words(); words != string(d) {
		return words + " (" + string(d) + ")"
	}
	return string(d)
}

// Overwrites says whether the job erases its target cluster first.
func (d DeliveryType) Overwrites() bool { return d == Automated || d == PointInTime }

// HasTarget says whether the job writes into a cluster.
func (d DeliveryType) HasTarget() bool { return d.Overwrites() || d == Collections }

// Instant is where a point-in-time restore stops: a second, or an exact oplog
// entry (both halves). Exactly one of the two is set.
type Instant struct {
	UTCSeconds int64
	OplogTs    int64
	OplogInc   int64
}

// IsZero says whether no instant was chosen.
func (i Instant) IsZero() bool { return i == Instant{} }

// ByOplog says whether the instant is an oplog entry.
func (i Instant) ByOplog() bool { return i.OplogTs != 0 || i.OplogInc != 0 }

// Time is the instant's second.
func (i Instant) Time() time.Time {
	if i.ByOplog() {
		return time.Unix(i.OplogTs, 0).UTC()
	}
	return time.Unix(i.UTCSeconds, 0).UTC()
}

// Target is the cluster that a restore overwrites. It may be known by name only.
type Target struct {
	Project     Project
	ClusterName string
	Unlisted    bool    // typed, and not among the clusters that Atlas listed there
	DiskSizeGB  float64 // of the cluster; 0 where it is not known
}

// IsZero says whether no target was chosen.
func (t Target) IsZero() bool { return t == Target{} }

// Draft holds what was typed into the fields of a delivery type, valid or not, so
// that going back and forth loses nothing.
type Draft struct {
	ByOplog       bool // the oplog pair rather than the moment
	Moment        string
	OplogTs       string
	OplogInc      string
	TargetProject string
	TargetCluster string
}

// Plan is what has been decided so far; the zero value of a part means that it is
// still open. It is pure data: only the root of a face writes it, through the
// methods below, which drop what depended on a changed answer and keep the rest.
type Plan struct {
	Project  Project
	Cluster  Cluster
	Snapshot Snapshot // not used where it is by a moment
	Delivery DeliveryType
	Instant  Instant            // where it is by a moment: see ByMoment
	Target   Target             // of what writes into a cluster
	Only     collections.Choice // collections only
	Draft    Draft
	Evidence Evidence // why it is that moment, or that snapshot; zero where a person chose it
	Drill    bool     // it rehearses: see BarsDrill, and what has come is looked at once the job has ended
	Practice bool     // it is confirmed with a name that cannot exist in Atlas
}

// Step is one question of the wizard.
type Step int

// The steps, in the order in which they are asked.
const (
	StepProject Step = iota
	StepCluster
	StepSnapshot
	StepDelivery
	StepCollections
	StepFields
	StepReview
)

// Next is the first step that the plan leaves open; StepReview if none.
func (p Plan) Next() Step {
	switch {
	case p.Project.ID == "":
		return StepProject
	case p.Cluster.Name == "":
		return StepCluster
	case p.Snapshot.ID == "" && !p.ByMoment():
		return StepSnapshot
	case p.Delivery == "":
		return StepDelivery
	case p.Delivery == Collections && p.Only.IsZero():
		return StepCollections
	case p.fieldsOpen():
		return StepFields
	}
	return StepReview
}

func (p Plan) fieldsOpen() bool {
	return p.ByMoment() && p.Instant.IsZero() || p.Delivery.HasTarget() && p.Target.IsZero()
}

// ByMoment says whether the data are of a moment, and not of a snapshot. Collections can be had
// from both: from a snapshot where one was chosen.
func (p Plan) ByMoment() bool {
	return p.Delivery == PointInTime || p.Delivery == Collections && p.Snapshot.ID == "" && !p.Instant.IsZero()
}

// Singled says whether it was known that single collections are wanted when the state of the data
// was chosen: the moment was asked for them, or a search has found what was lost.
func (p Plan) Singled() bool {
	return p.Delivery == Collections && (p.ByMoment() || !p.Evidence.IsZero())
}

// WithProject answers the first step. Another project leaves nothing of the
// source; the target is kept, as it does not depend on it.
func (p Plan) WithProject(project Project) Plan {
	if p.Project.ID != project.ID {
		p.Cluster = Cluster{}
		p = p.withoutPoint()
	}
	p.Project = project
	return p
}

// WithCluster answers the second step.
func (p Plan) WithCluster(c Cluster) Plan {
	if p.Cluster.ID != c.ID || p.Cluster.Name != c.Name {
		p = p.withoutPoint()
		// An oplog entry, a window and a topology belong to one cluster; whether the
		// target fits the new one has to be asked again.
		p.Target = Target{}
	}
	before := p
	p.Cluster = c
	if p.Delivery == PointInTime && !c.PITEnabled || p.Delivery == Collections && c.Offers(Collections) != nil {
		p.Delivery = ""
	}
	return p.since(before)
}

// WithoutCluster opens the second step again: another cluster of the project is wanted.
func (p Plan) WithoutCluster() Plan {
	p = p.withoutPoint()
	p.Cluster, p.Target = Cluster{}, Target{}
	return p
}

// withoutPoint drops what belongs to one source cluster: its snapshot and instant, and what was
// chosen of its data.
func (p Plan) withoutPoint() Plan {
	p.Snapshot, p.Instant, p.Evidence, p.Only = Snapshot{}, Instant{}, Evidence{}, collections.Choice{}
	p.Draft.ByOplog, p.Draft.Moment, p.Draft.OplogTs, p.Draft.OplogInc = false, "", "", ""
	return p
}

// WithSnapshot answers the third step with a snapshot.
func (p Plan) WithSnapshot(s Snapshot) Plan {
	before := p
	if p.Delivery == PointInTime {
		p.Delivery = "" // a snapshot was chosen after all
	}
	p.Snapshot = s
	return p.since(before)
}

// WithMoment answers the third step with "a moment": the delivery type follows.
func (p Plan) WithMoment() Plan { return p.WithDelivery(PointInTime) }

// WithDelivery answers the fourth step. The target is kept for the other type
// that has one.
//
// Collections are had from what the plan was about before: from its moment, else from its
// snapshot.
func (p Plan) WithDelivery(d DeliveryType) Plan {
	before := p
	if d == Collections && p.ByMoment() {
		p.Snapshot = Snapshot{}
	}
	p.Delivery = d
	return p.since(before)
}

// WithPoint answers the third step with a moment of which single collections are wanted: the
// delivery type stays.
func (p Plan) WithPoint(i Instant, d Draft) Plan {
	before := p
	p.Delivery, p.Snapshot, p.Instant, p.Draft = Collections, Snapshot{}, i, d
	return p.since(before)
}

// WithOnly answers which databases and collections are restored, and how. Nothing chosen opens
// that step again.
func (p Plan) WithOnly(c collections.Choice) Plan {
	p.Only = c
	return p
}

// Erases says whether anything of the target is erased.
func (p Plan) Erases() bool {
	return p.Delivery.Overwrites() || p.Delivery == Collections && p.Only.Overwrites()
}

// WithFields answers the fields of what was chosen.
func (p Plan) WithFields(i Instant, t Target, d Draft) Plan {
	before := p
	p.Instant, p.Target, p.Draft = i, t, d
	return p.since(before)
}

// Toward is the word between what is restored and the cluster that gets it: single collections come
// into one that stays, and "onto" is for what erases a cluster.
func (p Plan) Toward() string {
	if p.Delivery == Collections {
		return "into"
	}
	return "onto"
}

// OntoItself says whether the restore erases anything of the cluster it comes from.
func (p Plan) OntoItself() bool {
	return p.Erases() && p.Target.Project.ID == p.Project.ID && p.Target.ClusterName == p.Cluster.Name
}

// Confirms says whether typed is the confirmation of this plan: for what erases anything of a
// cluster the exact name of that cluster, with "overwrite" before it where that is the source
// itself, and with "train/" in a training; for what erases nothing the word "download" or
// "collections". Nothing is trimmed and case counts.
func (p Plan) Confirms(typed string) bool { return p.Phrase() != "" && typed == p.Phrase() }

// Phrase is the confirmation that the plan asks for; empty while it is incomplete.
func (p Plan) Phrase() string {
	switch {
	case p.Next() != StepReview:
		return ""
	case !p.Erases():
		return string(p.Delivery)
	}
	name := p.Target.ClusterName
	if p.Practice {
		name = PracticePrefix + name
	}
	if p.OntoItself() {
		return Overwrite(name)
	}
	return name
}

// PracticePrefix stands before the name of a cluster in the confirmation of a training: the
// slash can be in no name of a cluster, so that no hand learns to type a real one.
const PracticePrefix = "train/"

// Overwrite is the confirmation of a restore onto its own source.
func Overwrite(cluster string) string { return "overwrite " + cluster }

// Request is what is asked of Atlas's "create one restore job". Only the members that
// the delivery type takes are set; the order is the one of Atlas's documentation. What
// is sent is its Body.
type Request struct {
	Family                Family       `json:"family,omitempty"`
	DeliveryType          DeliveryType `json:"deliveryType"`
	SnapshotID            string       `json:"snapshotId,omitempty"`
	OplogTs               int64        `json:"oplogTs,omitempty"`
	OplogInc              int64        `json:"oplogInc,omitempty"`
	PointInTimeUTCSeconds int64        `json:"pointInTimeUTCSeconds,omitempty"`
	TargetClusterName     string       `json:"targetClusterName,omitempty"`
	TargetProjectID       string       `json:"targetGroupId,omitempty"`

	Asked *collections.Asked `json:"asked,omitempty"` // collections only
}

// Job is what is known of the job that a request for collections has become; nil for others.
func (r Request) Job() *collections.Job {
	if r.Asked == nil {
		return nil
	}
	return &collections.Job{Asked: *r.Asked}
}

// Erases says whether anything of the target is erased.
func (r Request) Erases() bool {
	return r.DeliveryType.Overwrites() || r.Asked != nil && r.Asked.Overwrites()
}

// Body is the very JSON that is sent. A flex cluster has an endpoint for each of the two
// delivery types, whose bodies do not name it.
func (r Request) Body() any {
	switch {
	case r.Asked != nil:
		return collections.Request{
			TargetProjectID: r.TargetProjectID, TargetClusterName: r.TargetClusterName,
			SnapshotID: r.SnapshotID, UTCSeconds: r.PointInTimeUTCSeconds, OplogTs: r.OplogTs, OplogInc: r.OplogInc,
			Asked: *r.Asked,
		}
	case r.Family != Flex:
		r.Family = ""
		return r
	case r.DeliveryType == Download:
		return flexDownload{r.SnapshotID}
	}
	return flexRestore{r.SnapshotID, r.TargetClusterName, r.TargetProjectID}
}

type flexDownload struct {
	SnapshotID string `json:"snapshotId"`
}

type flexRestore struct {
	SnapshotID        string `json:"snapshotId"`
	TargetClusterName string `json:"targetDeploymentItemName"`
	TargetProjectID   string `json:"targetProjectId"`
}

// ErrOpen says that the plan still has an open step.
var ErrOpen = errors.New("the plan is not complete")

// Request makes the body from the delivery type and its own answers only: what
// was answered for another type stays out. It checks every rule once more, so
// that no face can send what a field would have refused.
func (p Plan) Request() (Request, error) {
	if p.Next() != StepReview {
		return Request{}, ErrOpen
	}
	r := Request{DeliveryType: p.Delivery, Family: p.Cluster.Family}
	if p.ByMoment() {
		r.PointInTimeUTCSeconds, r.OplogTs, r.OplogInc = p.Instant.UTCSeconds, p.Instant.OplogTs, p.Instant.OplogInc
	} else {
		r.SnapshotID = p.Snapshot.ID
	}
	if p.Delivery.HasTarget() {
		r.TargetProjectID, r.TargetClusterName = p.Target.Project.ID, p.Target.ClusterName
	}
	if p.Delivery == Collections {
		asked := p.Only.Asked()
		r.Asked = &asked
	}
	return r, r.Check()
}

// Check holds the body against the rules of each field.
func (r Request) Check() error {
	if (r.Asked != nil) != (r.DeliveryType == Collections) {
		return errors.New("only a restore of collections names some")
	}
	switch r.DeliveryType {
	case Collections:
		if r.Family == Flex {
			return errors.New("of a flex cluster no single collections are restored")
		}
		at := collections.Point{SnapshotID: r.SnapshotID, UTCSeconds: r.PointInTimeUTCSeconds, OplogTs: r.OplogTs, OplogInc: r.OplogInc}
		errs := []error{r.Asked.Check(), at.Check(), r.checkTarget()}
		if r.SnapshotID != "" {
			errs = append(errs, CheckID(r.SnapshotID))
		} else {
			errs = append(errs, r.checkInstant())
		}
		return errors.Join(errs...)
	case Download:
		if r.TargetProjectID != "" || r.TargetClusterName != "" {
			return errors.New("a download has no target")
		}
		return errors.Join(CheckID(r.SnapshotID), r.noInstant())
	case Automated:
		return errors.Join(CheckID(r.SnapshotID), r.noInstant(), r.checkTarget())
	case PointInTime:
		if r.Family == Flex {
			return errors.New("a flex cluster has no point in time")
		}
		if r.SnapshotID != "" {
			return errors.New("a point in time takes no snapshot id: Atlas finds the base snapshot itself")
		}
		return errors.Join(r.checkInstant(), r.checkTarget())
	}
	return errors.New("there is no delivery type " + string(r.DeliveryType))
}

func (r Request) checkTarget() error {
	return errors.Join(CheckID(r.TargetProjectID), CheckClusterName(r.TargetClusterName))
}

func (r Request) noInstant() error {
	if r.PointInTimeUTCSeconds != 0 || r.OplogTs != 0 || r.OplogInc != 0 {
		return errors.New("only pointInTime takes an instant")
	}
	return nil
}

func (r Request) checkInstant() error {
	byOplog := r.OplogTs != 0 || r.OplogInc != 0
	switch {
	case byOplog == (r.PointInTimeUTCSeconds != 0):
		return errors.New("a point in time takes exactly one of a moment and an oplog pair")
	case byOplog && (r.OplogTs < MinInstant || r.OplogTs > MaxInstant || r.OplogInc < 1 || r.OplogInc > MaxInstant):
		return errors.New("the oplog pair is out of Atlas's bounds")
	case !byOplog && (r.PointInTimeUTCSeconds < MinInstant || r.PointInTimeUTCSeconds > MaxInstant):
		return errors.New("the moment is out of Atlas's bounds")
	}
	return nil
}

// After is the step that follows s on the way forward. Going on from a step always
// leads to the next one, answered or not, so that an earlier answer is seen before
// it is used again.
func (p Plan) After(s Step) Step {
	switch {
	case s == StepSnapshot && p.Delivery == PointInTime:
		return StepFields // "a moment" was chosen: the type is known
	case s == StepSnapshot && p.Singled():
		return StepCollections
	case s == StepDelivery && p.Delivery == Download:
		return StepReview // it has no fields of its own
	case s == StepDelivery && p.Delivery != Collections:
		return StepFields
	case s < StepReview:
		return s + 1
	}
	return StepReview
}
