package state

import (
	"fmt"
	"strconv"
	"strings"

	"atlas-restore/state/collections"
)

// field is a member of a request of the Go SDK, as Go writes it.
type field struct{ name, value string }

// fields writes what is set.
type fields []field

func (f *fields) is(name, value string) { *f = append(*f, field{name, strconv.Quote(value)}) }

func (f *fields) maybe(name, value string) {
	if value != "" {
		*f = append(*f, field{name, "ptr(" + strconv.Quote(value) + ")"})
	}
}

func (f *fields) number(name string, n int64) {
	if n != 0 {
		*f = append(*f, field{name, "ptr(" + number(n) + ")"})
	}
}

func (f *fields) namespaces(name string, all []collections.Namespace) {
	if len(all) == 0 {
		return
	}
	var each []string
	for _, n := range all {
		each = append(each, fmt.Sprintf("{SourceNamespace: %q, TargetNamespace: ptr(%q)}", n.Source, n.Target))
	}
	*f = append(*f, field{name, "&[]admin.ApiAtlasRestoreNamespace{" + strings.Join(each, ", ") + "}"})
}

func restoreProgram(p Plan, r Request, baseURL string) string {
	var f fields
	f.is("DeliveryType", string(r.DeliveryType))
	f.maybe("SnapshotId", r.SnapshotID)
	f.number("PointInTimeUTCSeconds", r.PointInTimeUTCSeconds)
	f.number("OplogTs", r.OplogTs)
	f.number("OplogInc", r.OplogInc)
	f.maybe("TargetClusterName", r.TargetClusterName)
	f.maybe("TargetGroupId", r.TargetProjectID)
	return goProgram(goSDK, p, "DiskBackupSnapshotRestoreJob", f, baseURL)
}

func collectionsProgram(p Plan, r Request, baseURL string) string {
	var f fields
	f.is("TargetGroupId", r.TargetProjectID)
	f.is("TargetClusterName", r.TargetClusterName)
	f.maybe("SnapshotId", r.SnapshotID)
	f.number("PointInTimeUtcSeconds", r.PointInTimeUTCSeconds)
	f.number("OplogTs", r.OplogTs)
	f.number("OplogInc", r.OplogInc)
	f.is("WriteStrategy", string(r.Asked.Write))
	f.is("IndexStrategy", string(r.Asked.Indexes))
	f.namespaces("Databases", r.Asked.Databases)
	f.namespaces("Collections", r.Asked.Collections)
	return goProgram(goCollections, p, "ApiAtlasCollectionRestoreJobRequest", f, baseURL)
}

// goProgram is a whole program on the Go SDK, as gofmt writes it.
func goProgram(f form, p Plan, request string, members fields, baseURL string) string {
	width := 0
	for _, m := range members {
		width = max(width, len(m.name)+1)
	}
	var body strings.Builder
	for _, m := range members {
		fmt.Fprintf(&body, "\t\t%-*s %s,\n", width, m.name+":", m.value)
	}
	return fmt.Sprintf(`package main

import (
	"context"
	"fmt"
	"log"
	"os"

	%q
)

func ptr[T any](v T) *T { return &v }

func main() {
	ctx := context.Background()
	atlas, err := admin.NewClient(
		admin.UseBaseURL(%q),
		admin.UseOAuthAuth(ctx, os.Getenv("MONGODB_ATLAS_CLIENT_ID"), os.Getenv("MONGODB_ATLAS_CLIENT_SECRET")),
	)
	if err != nil {
		log.Fatal(err)
	}
	job, _, err := atlas.%s(ctx, %q, %q, &admin.%s{
%s	}).Execute()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(job.GetId())
}
`, f.words[0], baseURL, f.words[1], p.Project.ID, p.Cluster.Name, request, body.String())
}
