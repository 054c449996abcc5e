//go:build unix

package teatest_test

import (
	"slices"
	"strings"
	"syscall"
	"testing"

	"atlas-restore/teatest"
)

// Where Atlas refuses the credential, each face says which it is, without its private half, and where it came from.
func TestAWrongCredentialIsNamed(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	k := a.sim.Keys()
	id := []rune(strings.TrimPrefix(k.ClientID, "mdb_sa_id_"))
	for says, env := range map[string][]string{
		"Check the API key " + k.PublicKey + " (environment). ":                                                     {"MONGODB_ATLAS_PUBLIC_API_KEY=" + k.PublicKey, "MONGODB_ATLAS_PRIVATE_API_KEY=notsecret"},
		"Check the service account mdb_sa_id_" + string(id[:2]) + "…" + string(id[len(id)-2:]) + " (environment). ": {"MONGODB_ATLAS_CLIENT_ID=" + k.ClientID, "MONGODB_ATLAS_CLIENT_SECRET=notsecret"},
	} {
		a.env = env
		code, out, errs := a.run(append(slices.Clone(overwriting), "--confirm", "orders-prod-restore", "-o", "json")...)
		if r := result(t, out); code != 1 || r.Error == nil || !strings.Contains(r.Error.Advice, says) || !strings.Contains(errs, says) || strings.Contains(out+errs, "notsecret") {
			t.Errorf("by flags: exit code %d, %+v\n%s", code, r.Error, errs)
		}
		code, _, errs = a.run("jobs", "--projectId", "Payments", "--clusterName", "orders-prod")
		if code != 1 || !strings.Contains(errs, says) {
			t.Errorf("of jobs: exit code %d\n%s", code, errs)
		}
		wide := teatest.Size{W: 900, H: 40}
		for _, face := range [][]string{{"--line"}, nil} {
			p := teatest.StartBinary(t, teatest.Binary(t), slices.Concat(face, overwriting, a.args), env, wide)
			p.Wait(strings.TrimSpace(says))
			p.Signal(syscall.SIGTERM)
			p.ExitCode()
		}
	}
}
