package steps

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

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

// Uncounted is what is said of a signature where this machine has no allowed signers.
const Uncounted = "whether it counts is not known here: allowed_signers in config.toml names no file. Where the plan is run that is looked at."

// Approved is what came of approving a plan.
type Approved struct {
	File      string
	Plan      planfile.Plan
	Signature string // its file
	Key       string // the fingerprint
	By        string // as the allowed signers call the holder of the key; empty where they do not
	Signers   string // the file that says so; empty for none
	Note      string // why it does not count yet here; empty where it does
}

// Text is that for people.
func (a Approved) Text() string {
	var b strings.Builder
	say := func(format string, v ...any) { fmt.Fprintf(&b, format+"\n", v...) }
	if a.Note != "" {
		say("NOT APPROVED by what is known here: plan %s is signed, with the key %s.", a.Plan.Short(), a.Key)
		say("NOTE: %s", a.Note)
		say("It counts once %s lets the key approve. Or approve with one that it names, by --key: a signature that does not count is written over.", a.Signers)
	} else {
		say("Approved: plan %s, with the key %s.", a.Plan.Short(), a.Key)
	}
	if a.Signers == "" && !a.Plan.Training {
		say("NOTE: %s", Uncounted)
	}
	say("The signature is %s. It goes with the plan, beside it.", a.Signature)
	if a.By != "" && a.Signers != "" {
		say("To look at it without this program:\nssh-keygen -Y verify -f %s -I %s -n atlas-restore -s %s < %s",
			state.ShellWord(a.Signers), state.ShellWord(a.By), state.ShellWord(a.Signature), state.ShellWord(a.File))
	}
	return b.String()
}

// JSON is that for programs: outcome (approved; signed where it does not count here), file, sha256, signature, key, by, if the
// allowed signers name the holder, and else note.
func (a Approved) JSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	outcome := "approved"
	if a.Note != "" {
		outcome = "signed"
	}
	if err := enc.Encode(struct {
		Outcome   string `json:"outcome"`
		File      string `json:"file"`
		SHA256    string `json:"sha256"`
		Signature string `json:"signature"`
		Key       string `json:"key"`
		By        string `json:"by,omitempty"`
		Note      string `json:"note,omitempty"`
	}{outcome, a.File, a.Plan.SHA256, a.Signature, a.Key, a.By, a.Note}); err != nil {
		return nil, fmt.Errorf("encoding what was approved: %w", err)
	}
	return b.Bytes(), nil
}
