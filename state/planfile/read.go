package planfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/disk"
	"atlas-restore/state/text"
)

// Why a plan file is refused.
var (
	ErrNoPlan   = errors.New("it is no plan file")
	ErrTooLarge = errors.New("it is larger than 1024 KiB, and no plan is")
	ErrVersion  = errors.New("it is a plan of another version of atlas-restore")
	ErrForm     = errors.New("it is not in the one form that a plan has: it was written by something else, or edited")
	ErrChanged  = errors.New("it was changed after it was made: its SHA-256 is not that of what it says")
	ErrUnknown  = errors.New("it says what no plan says")
	ErrContents = errors.New("what it says cannot be")
	ErrExpired  = errors.New("the plan was good until")
	ErrEarly    = errors.New("the plan was made at a time that has not come")
	ErrNotOurs  = errors.New("a file is there that is no plan, and is left as it is")
)

// Read reads the plan file at path. All that it says is clean, and fits together: its request is
// the one that its answers make. Whether it is still good is for Good to say. Raw are its bytes.
func Read(path string) (p Plan, raw []byte, err error) {
	if raw, err = bounded(path); err == nil {
		p, err = Parse(raw)
	}
	if err != nil {
		return Plan{}, nil, fmt.Errorf("reading the plan %s: %w", path, err)
	}
	return p, raw, nil
}

// bounded reads a regular file that is not larger than a plan can be.
func bounded(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err //nolint:wrapcheck // it names the file
	}
	if !info.Mode().IsRegular() { // a pipe might never end
		return nil, ErrNoPlan
	}
	f, err := os.Open(path) //nolint:gosec // the user says which
	if err != nil {
		return nil, err //nolint:wrapcheck // it names the file
	}
	defer func() { _ = f.Close() }() // it was only read
	raw, err := io.ReadAll(io.LimitReader(f, Most+1))
	if err == nil && len(raw) > Most {
		err = ErrTooLarge
	}
	return raw, err
}

// Parse takes a plan out of the bytes of its file.
func Parse(raw []byte) (Plan, error) {
	if len(raw) > Most {
		return Plan{}, ErrTooLarge
	}
	tree, err := parseTree(raw)
	if err != nil {
		return Plan{}, fmt.Errorf("%w: %w", ErrNoPlan, err)
	}
	members, _ := tree.(map[string]any)
	if members["format"] != Format {
		return Plan{}, ErrNoPlan
	}
	if v, _ := members["version"].(json.Number); v != json.Number(fmt.Sprint(Version)) {
		return Plan{}, ErrVersion
	}
	if form, err := appendTree(nil, tree); err != nil || !bytes.Equal(append(form, '\n'), raw) {
		return Plan{}, ErrForm
	}
	if sum, err := sumOf(tree); err != nil || members["sha256"] != sum {
		return Plan{}, ErrChanged
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	var p Plan
	if err := d.Decode(&p); err != nil {
		return Plan{}, fmt.Errorf("%w: %s", ErrUnknown, text.CleanError(err))
	}
	// What Go reads in two ways has another form when it is written again.
	if again, err := canonical(p); err != nil || !bytes.Equal(append(again, '\n'), raw) {
		return Plan{}, ErrUnknown
	}
	if err := dirty(tree); err != nil {
		return Plan{}, err
	}
	if err := p.check(); err != nil {
		return Plan{}, fmt.Errorf("%w: %w", ErrContents, err)
	}
	return p, nil
}

// dirty says whether a text could command a terminal, hide or turn around what follows, or be a
// link. Only a base URL has an address.
func dirty(tree any) error {
	switch v := tree.(type) {
	case string:
		if text.CleanLong(v) != v {
			return fmt.Errorf("%w: a text holds what cannot be shown", ErrContents)
		}
		if addressIn(v) >= 0 {
			return fmt.Errorf("%w: a text holds an address", ErrContents)
		}
	case []any:
		for _, one := range v {
			if err := dirty(one); err != nil {
				return err
			}
		}
	case map[string]any:
		for name, one := range v {
			if _, top := v["format"]; name == "atlas" && top {
				continue // see check
			}
			if err := errors.Join(dirty(name), dirty(one)); err != nil {
				return err
			}
		}
	}
	return nil
}

// check holds what a plan says against the rules of its fields, and against each other.
func (p Plan) check() error {
	switch {
	case state.CanonicalEndpoint(p.Atlas) != p.Atlas, strings.ContainsAny(p.Atlas, "@?#"), text.Clean(p.Atlas) != p.Atlas:
		return errors.New("its address of Atlas is none")
	case !whole(p.Made.At), !whole(p.Made.Until), p.Made.Until.Before(p.Made.At), p.Made.Until.Sub(p.Made.At) > Life:
		return fmt.Errorf("it has to be good for at most %s after it was made", Life)
	case p.Made.Name() == "":
		return errors.New("nobody has made it")
	case p.Checks == nil:
		return errors.New("it has no checks")
	case p.Evidence != nil && (p.Evidence.IsZero() || p.Evidence.At.Location() != time.UTC):
		return errors.New("its evidence is none")
	case p.DeliveryType.HasTarget() != (p.Target != nil):
		return errors.New("its target does not go with its delivery type")
	}
	for _, c := range p.Checks {
		if !slices.Contains(state.CheckNames()[1:], c.Name) {
			return fmt.Errorf("there is no check %q", c.Name)
		}
		if _, ok := verdicts()[c.Verdict]; !ok {
			return fmt.Errorf("there is no verdict %q", c.Verdict)
		}
	}
	errs := []error{p.Source.check()}
	if p.Target != nil {
		errs = append(errs, p.Target.check())
	}
	if s := p.Snapshot; s != nil {
		errs = append(errs, state.CheckID(s.ID))
		if s.CreatedAt.Location() != time.UTC || s.ExpiresAt != nil && s.ExpiresAt.Location() != time.UTC || s.SizeBytes < 0 {
			errs = append(errs, errors.New("its snapshot is none"))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return p.fits()
}

// whole says whether a time is one of a second, in UTC.
func whole(t time.Time) bool {
	return !t.IsZero() && t.Location() == time.UTC && t.Equal(t.Truncate(time.Second))
}

func (c Cluster) check() error {
	errs := []error{state.CheckID(c.ProjectID), state.CheckClusterName(c.Name)}
	if c.ID != "" {
		errs = append(errs, state.CheckID(c.ID))
	}
	if c.Family != state.Dedicated && c.Family != state.Flex {
		errs = append(errs, errors.New("there is no such family of clusters"))
	}
	return errors.Join(errs...)
}

// fits says whether the request is the one that the rest of the plan makes, to the byte.
func (p Plan) fits() error {
	plan, err := p.Answers()
	if err != nil {
		return err
	}
	body, err := plan.Request()
	if err != nil {
		return err //nolint:wrapcheck // it says which rule
	}
	if want, err := canonical(body.Body()); err != nil || !bytes.Equal(want, p.Request) {
		return errors.New("its request is not that of its source, target and snapshot")
	}
	return nil
}

// Write puts a plan at path, for this user's eyes alone and whole or not at all. A file that is
// no plan is never written over. It gives the plan as it stands there, with its hash.
func (p Plan) Write(path string) (Plan, error) {
	raw, err := p.Bytes()
	if err == nil {
		err = free(path, func(raw []byte) bool {
			_, err := Parse(raw)
			return err == nil || errors.Is(err, ErrVersion)
		}, ErrNotOurs)
	}
	if err == nil {
		err = disk.Replace(path, raw)
	}
	if err != nil {
		return Plan{}, fmt.Errorf("writing the plan %s: %w", path, err)
	}
	return Parse(raw)
}

// free says what keeps a file from being written at path: a directory that is not there, or
// something there that is none of ours.
func free(path string, ours func([]byte) bool, not error) error {
	if info, err := os.Stat(filepath.Dir(path)); err != nil {
		return err //nolint:wrapcheck // it names the directory
	} else if !info.IsDir() {
		return fmt.Errorf("%s is no directory", filepath.Dir(path))
	}
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err //nolint:wrapcheck // it names the file
	}
	if !info.Mode().IsRegular() {
		return not
	}
	raw, err := bounded(path)
	if err != nil || !ours(raw) {
		return not
	}
	return nil
}
