package steps

import (
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
)

// Which links have come is told from the first to the last but one.
func TestComing(t *testing.T) {
	link := state.NewSecret("https://a.test/1")
	for name, tc := range map[string]struct {
		all  []state.Delivery
		says string
	}{
		"nothing yet": {nil, ""},
		"none":        {[]state.Delivery{{ReplicaSet: "shard-0"}, {ReplicaSet: "config-0"}}, ""},
		"some": {
			[]state.Delivery{{ReplicaSet: "shard-0", URL: link}, {ReplicaSet: "shard-1"}, {ReplicaSet: "config-0"}, {}},
			"1 of 4 links have come; there is none yet for shard-1, config-0, another. The files are of use only together.",
		},
		"all": {[]state.Delivery{{ReplicaSet: "shard-0", URL: link}, {ReplicaSet: "config-0", URL: link}}, ""},
	} {
		if got := Coming(state.Job{Deliveries: tc.all}); got != tc.says {
			t.Errorf("%s: %q, want %q", name, got, tc.says)
		}
	}
}

// A restore into another project names both, so that neither is taken for the other.
func TestSubjectNamesTheProjects(t *testing.T) {
	p := state.Plan{Project: state.Project{ID: "p", Name: "Payments"}, Cluster: state.Cluster{Name: "orders"}, Delivery: state.Automated}
	p.Target.ClusterName = "orders-stg"
	for _, tc := range []struct {
		onto         state.Project
		says, ending string
	}{
		{p.Project, "Restore of orders onto orders-stg (project Payments), ", ""},
		{state.Project{ID: "q", Name: "Staging"}, "Restore of orders onto orders-stg (from project Payments), ", ", onto project Staging"},
	} {
		p.Target.Project = tc.onto
		if got := (Summary{}).subject(p); !strings.HasPrefix(got, tc.says) || !strings.HasSuffix(got, tc.ending) {
			t.Errorf("%q", got)
		}
	}
}

// A file is one file, by however many links it can be fetched.
func TestLinksOfAFile(t *testing.T) {
	link := state.NewSecret("https://a.test/1")
	private := []state.PrivateURL{{EndpointID: "vpce-1", URL: link}}
	job := state.Job{DeliveryType: state.Download, Deliveries: []state.Delivery{
		{ReplicaSet: "shard-0", URL: link, Private: private}, {ReplicaSet: "shard-1", URL: link, Private: private}, {ReplicaSet: "config-0", URL: link, Private: private},
	}}
	if n := Files(job); n != 3 {
		t.Errorf("%d files", n)
	}
	var of []int
	for _, l := range Links(job) {
		of = append(of, l.File)
	}
	if len(of) != 6 || of[0] != 1 || of[1] != 1 || of[4] != 3 || of[5] != 3 {
		t.Errorf("the links are of files %v", of)
	}
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	if text := Terms(job, now); !strings.HasPrefix(text, "3 files, each by one of its links, once") {
		t.Errorf("%q", text)
	}
	job.Deliveries = []state.Delivery{{URL: link}}
	if text := Terms(job, now); !strings.HasPrefix(text, "The link works once") {
		t.Errorf("%q", text)
	}
}

// The link of a flex cluster works for four hours, wherever that is said.
func TestFlexLinkLife(t *testing.T) {
	for what, text := range map[string]string{
		"the question":             DeliveryMeaning(state.Download, state.Flex, ""),
		"the review":               linkLife(state.Flex),
		"the job, without its end": Terms(state.Job{Family: state.Flex, DeliveryType: state.Download}, time.Time{}),
	} {
		if !strings.Contains(text, "four hours") || strings.Contains(text, "an hour") || strings.Contains(text, "once") {
			t.Errorf("%s: %q", what, text)
		}
	}
}
