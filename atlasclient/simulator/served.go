package simulator

import (
	"net/http"
	"strings"
)

// endpoint is one operation of the Admin API.
type endpoint struct {
	pattern  string // method and path, for the mux
	versions []string
	set      set
	act      func(c *call) (any, error) // runs alone, with the world at hand
}

// The formats of answers.
const (
	formatJSON = "json"
	formatGzip = "gzip"
)

func (e endpoint) format() string {
	if strings.Contains(e.pattern, "/logs/") {
		return formatGzip
	}
	return formatJSON
}

const (
	api    = "/api/atlas/v2"
	byName = api + "/groups/byName/"
)

// endpoints are all that is served of the Admin API.
func endpoints() []endpoint {
	const (
		group       = api + "/groups/{groupId}"
		cluster     = group + "/clusters/{clusterName}"
		backup      = cluster + "/backup"
		process     = group + "/processes/{processId}"
		contents    = backup + "/snapshots/{snapshotId}/databases"
		collections = cluster + "/collectionRestoreJobs"
		shards      = backup + "/snapshots/shardedCluster"
		flex        = group + "/flexClusters"
		flexBackup  = flex + "/{clusterName}/backup"
	)
	return []endpoint{
		{"GET " + api, versions2023, setGroups, systemStatus},
		{"GET " + api + "/rateLimits", versionsLimits, setLimits, listRateLimits},
		{"GET " + api + "/rateLimits/{endpointSetId}", versionsLimits, setLimits, getRateLimit},
		{"GET " + api + "/orgs", versions2023, setOrgs, listOrgs},
		{"GET " + api + "/orgs/{orgId}", versions2023, setOrgs, getOrg},
		{"GET " + api + "/orgs/{orgId}/groups", versions2023, setOrgs, listOrgGroups},
		{"GET " + api + "/clusters", versions2023, setAllClusters, listAllClusters},
		{"GET " + api + "/groups", versions2023, setGroups, listGroups},
		{"GET " + byName + "{groupName}", versions2023, setGroups, getGroupByName},
		{"GET " + group, versions2023, setGroups, getGroup},
		{"GET " + group + "/accessList", versions2023, setAccess, listAccess},
		{"GET " + group + "/accessList/{entryValue}", versions2023, setAccess, getAccess},
		{"GET " + group + "/accessList/{entryValue}/status", versions2023, setAccess, getAccessStatus},
		{"GET " + group + "/alerts", versions2023, setOthers, listAlerts},
		{"GET " + group + "/alerts/{alertId}", versions2023, setOthers, getAlert},
		{"GET " + group + "/backupCompliancePolicy", versionsCompliance, setBackups, getCompliancePolicy},
		{"GET " + group + "/containers", versions2023, setOthers, listContainers},
		{"GET " + group + "/containers/all", versions2023, setOthers, listAllContainers},
		{"GET " + group + "/containers/{containerId}", versions2023, setOthers, getContainer},
		{"GET " + group + "/databaseUsers", versions2023, setOthers, listDatabaseUsers},
		{"GET " + group + "/databaseUsers/{databaseName}/{username}", versions2023, setOthers, getDatabaseUser},
		{"GET " + group + "/peers", versions2023, setOthers, listPeers},
		{"GET " + group + "/privateEndpoint/{cloudProvider}/endpointService", versions2023, setGroups, listEndpointServices},
		{"GET " + group + "/processes", versions2023, setMonitoring, listProcesses},
		{"GET " + group + "/processes/{processId}", versions2023, setMonitoring, getProcess},
		{"GET " + process + "/measurements", versions2023, setMonitoring, getMeasurements},
		{"GET " + process + "/databases", versions2023, setMonitoring, listDatabases},
		{"GET " + process + "/databases/{databaseName}", versions2023, setMonitoring, getDatabase},
		{"GET " + process + "/databases/{databaseName}/measurements", versions2023, setMonitoring, getDatabaseMeasurements},
		{"GET " + group + "/events", versions2023, setEvents, listEvents},
		{"GET " + group + "/events/{eventId}", versions2023, setEvents, getEvent},
		{"GET " + group + "/clusters/{hostName}/logs/{logFile}", versionsLogs, setLogs, downloadLog},
		{"GET " + group + "/whitelist", versions2023, setAccess, listAccess}, // its old name, which links still have
		{"GET " + group + "/clusters", versionsClusters, setClusters, listClusters},
		{"GET " + cluster, versionsClusters, setClusters, getCluster},
		{"GET " + cluster + "/status", versions2023, setClusters, getClusterStatus},
		{"GET " + cluster + "/search/indexes", versionsSearch, setOthers, listSearchIndexes},
		{"GET " + backup + "/schedule", versionsSchedule, setBackups, getSchedule},
		{"GET " + backup + "/snapshots", versions2023, setBackups, listSnapshots},
		{"POST " + backup + "/snapshots", versions2023, setBackups, takeSnapshot},
		{"GET " + backup + "/snapshots/{snapshotId}", versions2023, setBackups, getSnapshot},
		{"DELETE " + backup + "/snapshots/{snapshotId}", versions2023, setBackups, deleteSnapshot},
		{"GET " + contents, versionsContents, setBackups, listContents},
		{"GET " + contents + "/{databaseName}", versionsContents, setBackups, getContent},
		{"GET " + contents + "/{databaseName}/collections", versionsContents, setBackups, listCollections},
		{"GET " + contents + "/{databaseName}/collections/{collectionName}", versionsContents, setBackups, getCollection},
		{"GET " + shards + "s", versions2023, setBackups, listShardedSnapshots},
		{"GET " + shards + "/{snapshotId}", versions2023, setBackups, getShardedSnapshot},
		{"DELETE " + shards + "/{snapshotId}", versions2023, setBackups, deleteSnapshot},
		{"GET " + backup + "/restoreJobs", versions2023, setBackups, listJobs},
		{"POST " + backup + "/restoreJobs", versions2023, setBackups, createJob},
		{"GET " + backup + "/restoreJobs/{restoreJobId}", versions2023, setBackups, getJob},
		{"DELETE " + backup + "/restoreJobs/{restoreJobId}", versions2023, setBackups, cancelJob},
		{"GET " + collections, versionsContents, setBackups, listCollectionJobs},
		{"POST " + collections, versionsContents, setBackups, createCollectionJob},
		{"GET " + collections + "/{jobId}", versionsContents, setBackups, getCollectionJob},
		{"DELETE " + collections + "/{jobId}", versionsContents, setBackups, cancelCollectionJob},
		{"GET " + collections + "/{jobId}/collections", versionsContents, setBackups, listCollectionStates},
		{"GET " + collections + "/{jobId}/collections/{sourceNamespace}", versionsContents, setBackups, getCollectionState},
		{"GET " + flex, versionsFlex, setFlex, listFlex},
		{"GET " + flex + "/{clusterName}", versionsFlex, setFlex, getFlex},
		{"GET " + flexBackup + "/snapshots", versionsFlex, setFlexSnapshots, listFlexSnapshots},
		{"GET " + flexBackup + "/snapshots/{snapshotId}", versionsFlex, setFlexSnapshots, getFlexSnapshot},
		{"POST " + flexBackup + "/download", versionsFlex, setFlexSnapshots, downloadFlex},
		{"GET " + flexBackup + "/restoreJobs", versionsFlex, setFlexJobs, listFlexJobs},
		{"POST " + flexBackup + "/restoreJobs", versionsFlex, setFlexJobs, createFlexJob},
		{"GET " + flexBackup + "/restoreJobs/{restoreJobId}", versionsFlex, setFlexJobs, getFlexJob},
	}
}

// Endpoint is an operation that is served.
type Endpoint struct {
	Method   string
	Path     string   // with the names of its parts in braces, as in http.ServeMux
	Versions []string // of the Admin API, oldest first; none: it is beside that
}

// What is served beside the Admin API.
const (
	tokenPath  = "/api/oauth/token"
	revokePath = "/api/oauth/revoke"
)

// Endpoints are all operations that a simulator serves, its clients' sign-in and the
// downloads included.
func Endpoints() []Endpoint {
	out := []Endpoint{
		{Method: http.MethodPost, Path: tokenPath},
		{Method: http.MethodPost, Path: revokePath},
		{Method: http.MethodGet, Path: deliveryPath + "{host}/{token}/{file}"},
		{Method: http.MethodGet, Path: deliveryPath + "{host}/{endpointId}/{token}/{file}"},
	}
	for _, e := range endpoints() {
		method, path, _ := strings.Cut(e.pattern, " ")
		out = append(out, Endpoint{method, path, e.versions})
	}
	return out
}

// apart says whether a path is one of those that no mux takes beside the others: a project by its
// name beside groups/{groupId}/clusters, and what is in a snapshot beside shardedCluster/{snapshotId}.
func apart(path string) bool {
	_, behind, ofSnapshot := strings.Cut(path, "/backup/snapshots/")
	return strings.HasPrefix(path, byName) || ofSnapshot && strings.Contains(behind, "/databases")
}

// routes are all the paths of the simulator.
func (s *Server) routes() http.Handler {
	all, others := http.NewServeMux(), http.NewServeMux()
	for _, e := range endpoints() {
		mux := all
		if _, path, _ := strings.Cut(e.pattern, " "); apart(path) {
			mux = others
		}
		mux.HandleFunc(e.pattern, s.endpoint(e))
		if strings.HasSuffix(e.pattern, api) {
			mux.HandleFunc(e.pattern+"/{$}", s.endpoint(e))
		}
	}
	all.HandleFunc("POST "+tokenPath, s.handle(s.open(s.token)))
	all.HandleFunc("POST "+revokePath, s.handle(s.open(s.revoke)))
	all.HandleFunc("GET "+deliveryPath+"{host}/{token}/{file}", s.deliver)
	all.HandleFunc("GET "+deliveryPath+"{host}/{endpointId}/{token}/{file}", s.deliver)
	for _, mux := range []*http.ServeMux{all, others} {
		mux.HandleFunc("/", s.endpoint(endpoint{act: nil}))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if apart(r.URL.Path) {
			others.ServeHTTP(w, r)
			return
		}
		all.ServeHTTP(w, r)
	})
}

func (s *Server) endpoint(e endpoint) http.HandlerFunc {
	return s.handle(func(r *http.Request, body []byte) reply { return s.atlas(e, r, body) })
}
