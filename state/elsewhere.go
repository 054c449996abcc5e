package state

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Elsewhere is the plan's request as another program makes it.
type Elsewhere struct {
	Name string `json:"name"` // "Atlas CLI"
	Text string `json:"text"` // for a POSIX shell, or a whole program; secrets are variables
}

// mediaDate is the version of Atlas's API that the requests are written for.
const mediaDate = "2025-03-12"

// usualAtlas is the address that other programs go to by themselves.
const usualAtlas = "https://cloud.mongodb.com"

// InOtherWords are the ways to make the plan's request without this program, each complete:
// the Atlas CLI, curl with either authentication, and a program on the official Go SDK.
// baseURL is Atlas's address. Nothing is given for a plan that is not complete.
func InOtherWords(p Plan, baseURL string) []Elsewhere {
	r, err := p.Request()
	if err != nil {
		return nil
	}
	raw, err := json.Marshal(r.Body())
	if err != nil {
		return nil
	}
	body := string(raw)
	url := baseURL + "/api/atlas/v2/groups/" + p.Project.ID + "/clusters/" + p.Cluster.Name + "/backup/restoreJobs"
	if p.Cluster.Family == Flex {
		url = baseURL + "/api/atlas/v2/groups/" + p.Project.ID + "/flexClusters/" + p.Cluster.Name + "/backup/restoreJobs"
		if r.DeliveryType == Download {
			url = strings.TrimSuffix(url, "restoreJobs") + "download"
		}
		// The Atlas CLI restores onto a flex cluster whatever type it was given.
		return curls(url, body)
	}
	atlas := ""
	if baseURL != usualAtlas { // else it would go to the real one
		atlas = "MONGODB_ATLAS_OPS_MANAGER_URL=" + ShellWord(baseURL+"/") + " "
	}
	api := atlas + command("atlas", "api", "cloudBackups", "createBackupRestoreJob", "--groupId", p.Project.ID, "--clusterName", p.Cluster.Name, "--file", "/dev/stdin")
	out := []Elsewhere{
		{"Atlas CLI", atlas + command(append([]string{"atlas", "backups", "restores", "start"}, cliFlags(p, r)...)...)},
		{"Atlas CLI, by the API", "printf %s " + quote(body) + " | " + api},
	}
	out = append(out, curls(url, body)...)
	return append(out, Elsewhere{"Go SDK", goProgram(p, r, baseURL)})
}

// cliFlags are the Atlas CLI's own (atlas backups restores start).
func cliFlags(p Plan, r Request) []string {
	out := []string{string(r.DeliveryType), "--projectId", p.Project.ID, "--clusterName", p.Cluster.Name}
	for _, f := range []struct{ flag, value string }{
		{FlagSnapshot, r.SnapshotID},
		{FlagUTCSeconds, number(r.PointInTimeUTCSeconds)},
		{FlagOplogTs, number(r.OplogTs)},
		{FlagOplogInc, number(r.OplogInc)},
		{FlagTargetProject, r.TargetProjectID},
		{FlagTargetCluster, r.TargetClusterName},
	} {
		if f.value != "" {
			out = append(out, "--"+f.flag, f.value)
		}
	}
	return out
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func curls(url, body string) []Elsewhere {
	media := "application/vnd.atlas." + mediaDate + "+json"
	request := " --fail-with-body --request POST --header " + quote("Accept: "+media) + " --header " + quote("Content-Type: "+media) +
		" --data " + quote(body) + " " + quote(url)
	return []Elsewhere{
		{"curl, access token", `curl --header "Authorization: Bearer $MONGODB_ATLAS_ACCESS_TOKEN"` + request},
		{"curl, API key", `curl --digest --user "$MONGODB_ATLAS_PUBLIC_API_KEY:$MONGODB_ATLAS_PRIVATE_API_KEY"` + request},
	}
}

// command is a command line whose words a shell takes as they are.
func command(words ...string) string {
	for i, w := range words {
		words[i] = ShellWord(w)
	}
	return strings.Join(words, " ")
}

// ShellWord is text as one word for a POSIX shell, quoted where it has to be.
func ShellWord(text string) string {
	if text == "" || strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:") != "" {
		return quote(text)
	}
	return text
}

// quote makes one word of text for a POSIX shell, whatever stands in it.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

func goProgram(p Plan, r Request, baseURL string) string {
	var fields []string
	text := func(name, value string) {
		if value != "" {
			fields = append(fields, fmt.Sprintf("\t\t%s: admin.PtrString(%q),", name, value))
		}
	}
	whole := func(name string, value int64) {
		if value != 0 {
			fields = append(fields, fmt.Sprintf("\t\t%s: admin.PtrInt(%d),", name, value))
		}
	}
	text("SnapshotId", r.SnapshotID)
	whole("PointInTimeUTCSeconds", r.PointInTimeUTCSeconds)
	whole("OplogTs", r.OplogTs)
	whole("OplogInc", r.OplogInc)
	text("TargetClusterName", r.TargetClusterName)
	text("TargetGroupId", r.TargetProjectID)
	return fmt.Sprintf(`package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"go.mongodb.org/atlas-sdk/v20250312023/admin"
)

func main() {
	ctx := context.Background()
	atlas, err := admin.NewClient(
		admin.UseBaseURL(%q),
		admin.UseOAuthAuth(ctx, os.Getenv("MONGODB_ATLAS_CLIENT_ID"), os.Getenv("MONGODB_ATLAS_CLIENT_SECRET")),
	)
	if err != nil {
		log.Fatal(err)
	}
	job, _, err := atlas.CloudBackupsApi.CreateBackupRestoreJob(ctx, %q, %q, &admin.DiskBackupSnapshotRestoreJob{
		DeliveryType: %q,
%s
	}).Execute()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(job.GetId())
}
`, baseURL, p.Project.ID, p.Cluster.Name, r.DeliveryType, strings.Join(fields, "\n"))
}
