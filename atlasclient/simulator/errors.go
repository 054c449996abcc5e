package simulator

import (
	"fmt"
	"net/http"
)

// refusal is an error answer of Atlas (ApiError).
type refusal struct {
	status     int
	code       string
	detail     string
	parameters []any // values interpolated in detail; null on the wire if nil
	retryAfter int   // seconds; 0: no such header
}

func (r *refusal) Error() string { return fmt.Sprintf("%d %s: %s", r.status, r.code, r.detail) }

func (r *refusal) wire() object {
	return object{
		"detail":     r.detail,
		"error":      r.status,
		"errorCode":  r.code,
		"parameters": r.parameters,
		"reason":     http.StatusText(r.status),
	}
}

func refuse(status int, code, detail string, parameters ...any) *refusal {
	return &refusal{status: status, code: code, detail: detail, parameters: parameters}
}

// unauthorized is the answer of Atlas's edge to a missing or wrong credential. It
// differs from all others: another order of members, no parameters, no
// X-Error-Code, no RateLimit headers.
const unauthorized = `{
  "error" : 401,
  "reason" : "Unauthorized",
  "detail" : "You are not authorized for this resource.",
  "errorCode" : "UNEXPECTED_ERROR"
}`

// Malformed requests.

func missingAttribute(names ...string) *refusal {
	if len(names) == 1 {
		return refuse(400, "MISSING_ATTRIBUTE", fmt.Sprintf("The required attribute %s was not specified.", names[0]), names[0])
	}
	return refuse(400, "MISSING_ATTRIBUTES", fmt.Sprintf("The required attributes %s were not specified.", words(names)), words(names))
}

func missingOneOf(names ...string) *refusal {
	return refuse(400, "MISSING_ONE_OF_ATTRIBUTES", fmt.Sprintf("One of the attributes %s must be specified.", words(names)), words(names))
}

func invalidAttribute(name, why string) *refusal {
	return refuse(400, "INVALID_ATTRIBUTE", fmt.Sprintf("Invalid attribute %s specified: %s.", name, why), name)
}

func invalidQuery(name, value string) *refusal {
	return refuse(400, "INVALID_QUERY_PARAMETER", fmt.Sprintf("Invalid value %q for the query parameter %s.", value, name), name)
}

func words(names []string) string {
	out := ""
	for i, n := range names {
		if i > 0 {
			out += ", "
		}
		out += n
	}
	return out
}

// Things that are not there.

func noGroup(id string) *refusal {
	return refuse(404, "GROUP_NOT_FOUND", fmt.Sprintf("No group with ID %s exists.", id), id)
}

func noCluster(name, group string) *refusal {
	return refuse(404, "CLUSTER_NOT_FOUND", fmt.Sprintf("No cluster named %s exists in group %s.", name, group), name, group)
}

func noSnapshot(id, cluster string) *refusal {
	return refuse(404, "SNAPSHOT_NOT_FOUND", fmt.Sprintf("No snapshot with ID %s exists for cluster %s.", id, cluster), id, cluster)
}

func noJob(id, cluster string) *refusal {
	return refuse(404, "RESTORE_JOB_NOT_FOUND", fmt.Sprintf("No restore job with ID %s exists for cluster %s.", id, cluster), id, cluster)
}

// notServed is the answer to what is no endpoint of the simulator. Atlas may well have it.
func notServed(method, path string) *refusal {
	return refuse(404, "RESOURCE_NOT_FOUND", fmt.Sprintf(
		"Cannot find resource %s: the embedded Atlas does not serve %s there. GET /control/endpoints lists what it serves.", path, method), path)
}

// badID is a path with something that is no ObjectID: Atlas answers these with 404.
func badID(code, what, id string) *refusal {
	return refuse(404, code, fmt.Sprintf("%q is not a valid %s ID.", id, what), id)
}

// notAcceptable is the answer to a missing or unknown versioned media type. No code
// for it is documented; UNEXPECTED_ERROR is what Atlas's edge uses elsewhere.
func notAcceptable(accept string) *refusal {
	return refuse(406, "UNEXPECTED_ERROR", fmt.Sprintf("No version of this resource matches the media type %q.", accept), accept)
}
