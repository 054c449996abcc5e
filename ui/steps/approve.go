package steps

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"atlas-restore/forms/fold"
	"atlas-restore/state"
	"atlas-restore/state/planfile"
)

// Approves is what is typed to approve a plan: it names what is written to.
func Approves(p planfile.Plan) (target, phrase string) {
	if p.Target == nil {
		return "the download of " + p.Source.Name, "approve download"
	}
	return p.Target.Name, "approve " + p.Target.Name
}

// uncounted is what is said of a signature where this machine has no allowed signers.
const uncounted = "whether it counts is not known here: allowed_signers in config.toml names no file. Where the plan is run that is looked at."

// Approved is what came of approving a plan.
type Approved struct {
	File      string
	Plan      planfile.Plan
	Signature string // its file
	Key       string // the fingerprint
	By        string // as the allowed signers call the holder of the key; empty where they do not
	Signers   string // the file that says so; empty for none
	Refused   string // why it does not count by them
}

// Note is why it is no approval by what is known here: it does not count, or nobody here knows; empty where it counts.
func (a Approved) Note() string {
	switch {
	case a.Refused != "":
		return "by the allowed signers of this machine it does not count: " + a.Refused + "."
	case a.Signers == "" && !a.Plan.Training:
		return uncounted
	}
	return ""
}

// Text is that for people.
func (a Approved) Text() string { return a.TextIn(0) }

// TextIn is Text for a terminal of w cells, as fold.Lines breaks it.
func (a Approved) TextIn(w int) string {
	var b strings.Builder
	say := func(format string, v ...any) { fmt.Fprintf(&b, format+"\n", v...) }
	switch {
	case a.Refused != "":
		say("NOT APPROVED by what is known here: plan %s is signed, with the key %s.", a.Plan.Short(), a.Key)
		say("NOTE: %s", a.Note())
		say("It counts once %s lets the key approve. Or approve with one that it names, by --key: a signature that does not count is written over.", a.Signers)
	case a.Note() != "":
		say("Signed: plan %s, with the key %s.", a.Plan.Short(), a.Key)
		say("NOTE: %s", a.Note())
	default:
		say("Approved: plan %s, with the key %s.", a.Plan.Short(), a.Key)
	}
	say("The signature is %s. It goes with the plan, beside it.", a.Signature)
	if a.By != "" && a.Signers != "" {
		say("To look at it without this program:\n%s", fold.Whole(fmt.Sprintf("ssh-keygen -Y verify -f %s -I %s -n atlas-restore -s %s < %s",
			state.ShellWord(a.Signers), state.ShellWord(a.By), state.ShellWord(a.Signature), state.ShellWord(a.File))))
	}
	return fold.Lines(b.String(), w)
}

// JSON is that for programs: outcome (approved; signed where nobody here knows that it counts), counts (yes, no, unknown), file,
// sha256, signature, key, by, if the allowed signers name the holder, and note, if it is not called approved.
func (a Approved) JSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	outcome, counts := "signed", "unknown"
	switch {
	case a.Refused != "":
		counts = "no"
	case a.Note() == "":
		outcome, counts = "approved", "yes"
	}
	if err := enc.Encode(struct {
		Outcome   string `json:"outcome"`
		Counts    string `json:"counts"`
		File      string `json:"file"`
		SHA256    string `json:"sha256"`
		Signature string `json:"signature"`
		Key       string `json:"key"`
		By        string `json:"by,omitempty"`
		Note      string `json:"note,omitempty"`
	}{outcome, counts, a.File, a.Plan.SHA256, a.Signature, a.Key, a.By, a.Note()}); err != nil {
		return nil, fmt.Errorf("encoding what was approved: %w", err)
	}
	return b.Bytes(), nil
}
