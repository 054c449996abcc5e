package schema

import (
	_ "embed"
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"
)

//go:embed supplement.json
var supplement []byte

// sameAs are operations that the stored schema leaves out, each with one that answers in
// the same shapes.
var sameAs = map[string]string{
	"/groups/byName/{groupName}":  "/groups/{groupId}",
	"/groups/{groupId}/whitelist": "/groups/{groupId}/accessList",
	"/orgs/{orgId}/groups":        "/groups",
	"/groups/{groupId}/peers":     "/groups/{groupId}/processes", // a list that is empty
}

// shaped are operations that the stored schema leaves out, each with the shape of its
// answer; a list of them where the last part says so.
var shaped = map[string]struct {
	schema string
	list   bool
}{
	"/groups/{groupId}/clusters/{clusterName}/search/indexes": {"SearchIndexResponses", false}, // a bare list
	"/orgs/{orgId}": {"AtlasOrganization", false},
	"/groups/{groupId}/accessList/{entryValue}":                        {"NetworkPermissionEntry", false},
	"/groups/{groupId}/containers":                                     {"CloudProviderContainer", true},
	"/groups/{groupId}/containers/all":                                 {"CloudProviderContainer", true},
	"/groups/{groupId}/containers/{containerId}":                       {"CloudProviderContainer", false},
	"/groups/{groupId}/databaseUsers":                                  {"CloudDatabaseUser", true},
	"/groups/{groupId}/databaseUsers/{databaseName}/{username}":        {"CloudDatabaseUser", false},
	"/groups/{groupId}/alerts":                                         {"HostAlert", true},
	"/groups/{groupId}/events/{eventId}":                               {"EventReduced", false},
	"/groups/{groupId}/processes/{processId}/databases/{databaseName}": {"MesurementsDatabase", false},
	"/groups/{groupId}/alerts/{alertId}":                               {"HostAlert", false},
}

// complete adds to a document what it leaves out.
func complete(doc *openapi3.T) error {
	const api, media, since = "/api/atlas/v2", "application/vnd.atlas.2023-01-01+json", "application/vnd.atlas.2024-05-30+json" // of search
	more, err := openapi3.NewLoader().LoadFromData(supplement)
	if err != nil {
		return fmt.Errorf("reading what the stored schema leaves out: %w", err)
	}
	for path, as := range sameAs {
		doc.Paths.Set(api+path, &openapi3.PathItem{Get: doc.Paths.Value(api + as).Get})
	}
	for path, shape := range shaped {
		of := more.Components.Schemas[shape.schema]
		if of == nil {
			of = doc.Components.Schemas[shape.schema]
		}
		s := of.Value
		if shape.list {
			s = openapi3.NewObjectSchema().WithProperty("results", openapi3.NewArraySchema().WithItems(s)).
				WithProperty("links", openapi3.NewArraySchema().WithItems(openapi3.NewObjectSchema())).
				WithProperty("totalCount", openapi3.NewInt64Schema()).WithRequired([]string{"results"})
		}
		operation := openapi3.NewOperation()
		answer := openapi3.NewResponse().WithContent(openapi3.NewContentWithSchema(s, []string{media, since}))
		operation.AddResponse(200, answer)
		for _, status := range []int{400, 403, 404} {
			operation.Responses.Set(fmt.Sprint(status), doc.Paths.Value(api+"/groups/{groupId}").Get.Responses.Value("404"))
		}
		doc.Paths.Set(api+path, &openapi3.PathItem{Get: operation})
	}
	// Recorded events have links; and a request that makes no sense has to be refused somehow.
	doc.Components.Schemas["EventReduced"].Value.WithProperty("links", openapi3.NewArraySchema().WithItems(openapi3.NewObjectSchema()))
	for _, path := range []string{"/events", "/processes/{processId}/measurements", "/processes/{processId}/databases/{databaseName}/measurements"} {
		doc.Paths.Value(api+"/groups/{groupId}"+path).Get.Responses.Set("400", doc.Paths.Value(api+"/groups/{groupId}").Get.Responses.Value("404"))
	}
	return nil
}
