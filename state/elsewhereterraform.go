package state

import (
	"fmt"
	"strings"

	"atlas-restore/state/collections"
)

// terraform is the resource of a collection restore, as "terraform fmt" writes it.
func terraform(p Plan, r Request) Elsewhere {
	var b strings.Builder
	set := func(name, value string) { fmt.Fprintf(&b, "  %-*s = %s\n", terraformWidth(r), name, value) }
	b.WriteString("resource \"" + terraformForm.words[0] + "\" \"restore\" {\n")
	set("project_id", hcl(p.Project.ID))
	set("cluster_name", hcl(p.Cluster.Name))
	set("target_project_id", hcl(r.TargetProjectID))
	set("target_cluster_name", hcl(r.TargetClusterName))
	if r.SnapshotID != "" {
		set("snapshot_id", hcl(r.SnapshotID))
	}
	for _, n := range []struct {
		name string
		n    int64
	}{{pointInTimeSeconds, r.PointInTimeUTCSeconds}, {"oplog_ts", r.OplogTs}, {"oplog_inc", r.OplogInc}} {
		if n.n != 0 {
			set(n.name, number(n.n))
		}
	}
	set("write_strategy", hcl(string(r.Asked.Write)))
	set("index_strategy", hcl(string(r.Asked.Indexes)))
	for _, list := range []struct {
		name string
		all  []collections.Namespace
	}{{"databases", r.Asked.Databases}, {"collections", r.Asked.Collections}} {
		if len(list.all) == 0 {
			continue
		}
		b.WriteString("\n  " + list.name + " = [\n")
		for _, n := range list.all {
			fmt.Fprintf(&b, "    { source_namespace = %s, target_namespace = %s },\n", hcl(n.Source), hcl(n.Target))
		}
		b.WriteString("  ]\n")
	}
	b.WriteString("}\n")
	return Elsewhere{"Terraform", terraformForm.note() + " Apply waits for the end, and destroy leaves what was restored.", b.String()}
}

const pointInTimeSeconds = "point_in_time_utc_seconds"

// terraformWidth is the longest name of an attribute that stands in the first block.
func terraformWidth(r Request) int {
	if r.PointInTimeUTCSeconds != 0 {
		return len(pointInTimeSeconds)
	}
	return len("target_cluster_name")
}

// hcl is a string of HashiCorp's language, in which ${ and %{ begin a template.
func hcl(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "${", "$${", "%{", "%%{").Replace(s) + `"`
}
