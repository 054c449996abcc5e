package simulator

import (
	"testing"
	"time"
)

// Who may connect, as Atlas tells it: entries go when their time is over, and a single
// address is told twice.
func TestAccessList(t *testing.T) {
	u := newUser(t)
	u.s.SetProject("Sandbox", func(p *Project) {
		p.Unlisted = true
		p.AccessList = []AccessEntry{{CIDR: "203.0.113.0/24"}, {CIDR: "198.51.100.17/32", Comment: "for an hour", ExpiresAt: u.s.Now().Add(time.Hour)}}
	})
	path := u.group("Sandbox") + "/accessList"
	all := u.want(path).results()
	if len(all) != 2 || all[1]["ipAddress"] != "198.51.100.17" || all[1]["deleteAfterDate"] != stamp(u.s.Now().Add(time.Hour)) || all[0]["ipAddress"] != nil {
		t.Errorf("entries %v", all)
	}
	u.s.Advance(time.Hour)
	u.login() // the token has ended too
	if left := u.want(path).results(); len(left) != 1 {
		t.Errorf("an hour later %v", left)
	}
	if a := u.get("/groups/65f0c1d2e3a4b5c6d7e8f901/accessList"); a.status != 404 || a.code() != "GROUP_NOT_FOUND" {
		t.Errorf("of no project: %d %s", a.status, a.code())
	}
}

// This machine is on the list of a project unless it is kept out.
func TestHereIsListed(t *testing.T) {
	u := newUser(t)
	path := u.group("Payments") + "/accessList"
	if first := u.want(path).results()[0]; first["ipAddress"] != "127.0.0.1" {
		t.Errorf("first comes %v", first)
	}
	u.s.SetProject("Payments", func(p *Project) { p.Unlisted = true })
	for _, x := range u.want(path).results() {
		if x["ipAddress"] == "127.0.0.1" {
			t.Errorf("%v", x)
		}
	}
}

func TestEndpointServices(t *testing.T) {
	u := newUser(t)
	for _, tc := range []struct {
		project, provider string
		status            int
		body              string
	}{
		{"Sandbox", "AWS", 200, "[]"},
		{"Analytics", "GCP", 200, "[]"},
		{"Analytics", "OVH", 400, ""},
	} {
		a := u.get(u.group(tc.project) + "/privateEndpoint/" + tc.provider + "/endpointService")
		if a.status != tc.status || tc.body != "" && string(a.body) != tc.body {
			t.Errorf("%s %s: %d %s", tc.project, tc.provider, a.status, a.body)
		}
	}
	a := u.get(u.group("Analytics") + "/privateEndpoint/AWS/endpointService")
	var endpoint string
	u.s.SetProject("Analytics", func(p *Project) { endpoint = p.Endpoint })
	if a.status != 200 || endpoint == "" {
		t.Errorf("%d %s, the endpoint is %q", a.status, a.body, endpoint)
	}
}

// Atlas tells the roles of an API key, and none of a service account.
func TestRolesAreTold(t *testing.T) {
	u := newUser(t)
	if got := u.want("").json["apiKey"]; got != nil {
		t.Errorf("a service account has %v", got)
	}
	told := func() (out []object) {
		u.s.withWorld(func(w *world, _ time.Time) { out = (&call{s: u.s, w: w}).roles() })
		return out
	}
	if roles := told(); len(roles) != 1 || roles[0]["roleName"] != "ORG_OWNER" {
		t.Errorf("an owner has %v", roles)
	}
	u.s.SetProject("Sandbox", func(p *Project) { p.Role = RoleReadOnly })
	u.s.SetProject("Payments", func(p *Project) { p.Role = RoleNone })
	roles := told()
	if len(roles) != len(projectTemplates())-1 {
		t.Errorf("roles %v", roles)
	}
	for _, r := range roles {
		if (r["groupId"] == u.s.ProjectID("Sandbox")) != (r["roleName"] == "GROUP_READ_ONLY") {
			t.Errorf("role %v", r)
		}
	}
}
