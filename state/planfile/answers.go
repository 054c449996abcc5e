package planfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/collections"
)

// verdicts are those of a plan. None is awaited: a plan is made when all checks are.
func verdicts() map[string]state.Verdict {
	return map[string]state.Verdict{"ok": state.OK, "warn": state.Warn, "unknown": state.Unknown, "block": state.Block}
}

// body is what of any request says which state of the data is meant. What it does not name is
// held against the whole request afterwards.
type body struct {
	SnapshotID string `json:"snapshotId"`
	OplogTs    int64  `json:"oplogTs"`
	OplogInc   int64  `json:"oplogInc"`
	Seconds    int64  `json:"pointInTimeUTCSeconds"` // Go reads pointInTimeUtcSeconds into it too
	collections.Asked
}

// Answers are what the plan has answered, as if somebody had walked to it.
func (p Plan) Answers() (state.Plan, error) {
	var b body
	if err := json.Unmarshal(p.Request, &b); err != nil {
		return state.Plan{}, errors.New("its request cannot be read")
	}
	out := state.Plan{
		Project: state.Project{ID: p.Source.ProjectID, Name: p.Source.ProjectName}, Cluster: p.Source.cluster(), Delivery: p.DeliveryType,
	}
	if p.Snapshot != nil {
		out.Snapshot = p.Snapshot.snapshot()
	} else {
		out.Instant = state.Instant{UTCSeconds: b.Seconds, OplogTs: b.OplogTs, OplogInc: b.OplogInc}
	}
	if p.Target != nil {
		out.Target = state.Target{Project: state.Project{ID: p.Target.ProjectID, Name: p.Target.ProjectName}, ClusterName: p.Target.Name}
	}
	if p.DeliveryType == state.Collections {
		only, err := b.Choice()
		if err != nil {
			return state.Plan{}, fmt.Errorf("its collections: %w", err)
		}
		out.Only = only
	}
	if p.Evidence != nil {
		out.Evidence = *p.Evidence
	}
	return out, nil
}

// Given are the answers as flags would give them.
func (p Plan) Given() (state.Given, error) {
	plan, err := p.Answers()
	return state.Answers(plan), err
}

// Agreed is what a replay of the plan is held against.
func (p Plan) Agreed() (*state.Agreed, error) {
	plan, err := p.Answers()
	if err != nil {
		return nil, err
	}
	out := &state.Agreed{
		Hash: p.SHA256, Atlas: p.Atlas, Training: p.Training, At: p.Made.At, Until: p.Made.Until, By: p.Made.Name(), Plan: plan, Checks: p.Found(),
	}
	if p.Target != nil {
		out.Target = p.Target.cluster()
	}
	return out, nil
}

// Found are the checks of the plan, as a review has them.
func (p Plan) Found() []state.Check {
	out := make([]state.Check, 0, len(p.Checks))
	for _, c := range p.Checks {
		v := verdicts()[c.Verdict]
		found := state.Check{Name: c.Name, Verdict: v, Why: c.Reason, Ask: v != state.Unknown && c.Asks, Harmless: v == state.Unknown && !c.Asks}
		if v == state.OK && c.Name == state.RunningCheck {
			found.Say, found.Short = true, state.NoRestoreSeen
		}
		out = append(out, found)
	}
	return out
}

// New is the plan of a review whose checks are made. Target is the cluster that is written to, as
// it was seen; it has no name where there is none, or where it could not be seen.
func New(plan state.Plan, names state.Names, target state.Cluster, checks []state.Check) (Plan, error) {
	request, err := plan.Request()
	if err != nil {
		return Plan{}, err //nolint:wrapcheck // it says which rule
	}
	p := Plan{DeliveryType: plan.Delivery, Source: seen(plan.Project, plan.Cluster, names), Checks: []Check{}}
	if p.Request, err = canonical(request.Body()); err != nil {
		return Plan{}, err
	}
	if !plan.ByMoment() {
		p.Snapshot = snapshotOf(plan.Snapshot)
	}
	if plan.Delivery.HasTarget() {
		target.Name = plan.Target.ClusterName
		to := seen(plan.Target.Project, target, names)
		p.Target = &to
	}
	for _, c := range checks {
		if c.Name == state.PlanCheck || c.Name == state.ApprovalCheck {
			continue // they are of another plan, and of who runs it
		}
		if c.Verdict == state.Looking {
			return Plan{}, errors.New("the checks are not made yet")
		}
		p.Checks = append(p.Checks, Check{Name: c.Name, Verdict: strings.ToLower(c.Verdict.String()), Reason: Words(c.Text()), Asks: c.Asks()})
	}
	if e := plan.Evidence; !e.IsZero() {
		e.Why, e.Namespace, e.By, e.Member, e.At = Words(e.Why), Words(e.Namespace), Words(e.By), Words(e.Member), e.At.UTC()
		p.Evidence = &e
	}
	return p, nil
}

// By is the plan as somebody makes it, at an instant, for one Atlas.
func (p Plan) By(m Maker, tool, atlas string, at time.Time) Plan {
	m.User, m.Host, m.Credential = Words(m.User), Words(m.Host), Words(m.Credential)
	at = at.UTC().Truncate(time.Second)
	until := at.Add(Life)
	if p.Snapshot != nil && p.Snapshot.ExpiresAt != nil && p.Snapshot.ExpiresAt.Before(until) && p.Snapshot.ExpiresAt.After(at) {
		until = p.Snapshot.ExpiresAt.Truncate(time.Second)
	}
	p.Atlas, p.Made = state.CanonicalEndpoint(atlas), Made{At: at, Until: until, Tool: Words(tool), Maker: m}
	return p
}

func seen(project state.Project, c state.Cluster, names state.Names) Cluster {
	return Cluster{
		ProjectID: project.ID, ProjectName: Words(project.Name), Name: c.Name, ID: c.ID, Family: c.Family, Type: c.Type, State: c.State, Paused: c.Paused,
		Version: c.MongoDBVersion, Size: c.InstanceSize, Environment: names.Called(project.Name, c.Name).Name,
	}
}

func (c Cluster) cluster() state.Cluster {
	return state.Cluster{
		ProjectID: c.ProjectID, Name: c.Name, ID: c.ID, Family: c.Family, Type: c.Type, State: c.State, Paused: c.Paused, MongoDBVersion: c.Version, InstanceSize: c.Size,
	}
}

func snapshotOf(s state.Snapshot) *Snapshot {
	out := &Snapshot{
		ID: s.ID, CreatedAt: s.When().UTC(), SizeBytes: s.StorageSizeBytes, Version: s.MongoDBVersion, Description: Words(s.Description), Kind: s.Kind, Frequency: s.Frequency,
	}
	if !s.ExpiresAt.IsZero() {
		at := s.ExpiresAt.UTC()
		out.ExpiresAt = &at
	}
	return out
}

func (s Snapshot) snapshot() state.Snapshot {
	out := state.Snapshot{
		ID: s.ID, Status: "completed", CreatedAt: s.CreatedAt, StorageSizeBytes: s.SizeBytes, MongoDBVersion: s.Version, Description: s.Description, Kind: s.Kind, Frequency: s.Frequency,
	}
	if s.ExpiresAt != nil {
		out.ExpiresAt = *s.ExpiresAt
	}
	return out
}
