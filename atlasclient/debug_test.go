package atlasclient

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// The log tells what was asked and answered, and of no secret: no key, no token, no
// delivery URL, wherever Atlas puts it.
func TestDebugLog(t *testing.T) {
	const url = "https://restore-65f0c1d2e3a4b5c6d7e8f901.abc12.mongodb.net:27017/verysecret/restore-x.tar.gz"
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost:
			answer(w, 400, `{"error":400,"errorCode":"INVALID_ATTRIBUTE","detail":"look at `+url+`"}`)
		case strings.Contains(r.URL.Path, "/flexClusters/"):
			answer(w, 200, `{"id":"`+id1+`","deliveryType":"DOWNLOAD","snapshotUrl":"https://other.example/verysecret.tgz"}`)
		case strings.Contains(r.URL.Path, "/restoreJobs/"):
			answer(w, 200, `{"id":"`+id1+`","deliveryType":"download","deliveryUrl":["`+url+`"],"snapshotId":"`+id2+`",
				"components":[{"replicaSetName":"shard-0","downloadUrl":"`+url+`"}],
				"privateDownloadDeliveryUrls":[{"endpointId":"vpce-0","deliveryUrl":"`+url+`"}]}`)
		default:
			w.Header().Set("Sunset", "Thu, 1 Jul 2027 00:00:00 GMT")
			w.Header().Set("Deprecation", "Mon, 5 Aug 2024 00:00:00 GMT")
			answer(w, 200, `{"results":[{"id":"`+id1+`","name":"Payments"}],"links":[{"rel":"self","href":"https://cloud.mongodb.com/api"}]}`)
		}
	})
	for _, cred := range []Options{{Credential: serviceAccount}, {Credential: apiKey}} {
		var log strings.Builder
		o := cred
		o.Debug = &log
		c := s.client(o)
		_, _ = c.Projects(t.Context())
		_, _ = c.Job(t.Context(), rs, id1)
		_, _ = c.Job(t.Context(), flex, id1)
		_, _ = c.CreateJob(t.Context(), rs, download)
		text := log.String()
		for _, want := range []string{
			"GET /api/atlas/v2/groups?itemsPerPage=500&pageNum=1", "Payments", "Sunset: Thu, 1 Jul 2027", "NOTE: this version of the API ends",
			"https://cloud.mongodb.com/api", "POST /api/atlas/v2/groups/", `{"deliveryType":"download","snapshotId":"`, "400 ", "INVALID_ATTRIBUTE", "shard-0", "vpce-0", id2,
		} {
			if o.Credential.Kind == serviceAccount.Kind && !strings.Contains(text, want) { // the server knows no digest
				t.Errorf("%s: the log has no %q:\n%s", o.Credential.Kind, want, text)
			}
		}
		for _, secret := range []string{"verysecret", accessToken, clientSecret, privateKey, "Authorization", "Bearer", "Digest username"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s: the log has %q:\n%s", o.Credential.Kind, secret, text)
			}
		}
	}
}

func TestDebugLogOfWhatIsNoAnswer(t *testing.T) {
	var log strings.Builder
	s := newServer(t, htmlPage(502))
	_, _ = s.client(Options{Debug: &log}).Projects(t.Context())
	if text := log.String(); strings.Count(text, "502") != maxTries || strings.Contains(text, "<html>") {
		t.Errorf("the log is\n%s", text)
	}
	log.Reset()
	c := s.client(Options{Debug: &log})
	s.gone(c)
	_, _ = c.Projects(t.Context())
	if text := log.String(); !strings.Contains(text, "no answer: ") {
		t.Errorf("the log is\n%s", text)
	}
}

// Whatever shape a secret has is masked, and so is a link wherever it is told; what says
// nothing to a stranger is left.
func TestMasked(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{"deliveryUrl":{"href":"verysecret"}}`:                                            `{"deliveryUrl":{"href":"••••••"}}`,
		`{"deliveryUrl":{"a":[{"b":"verysecret"}]}}`:                                       `{"deliveryUrl":{"a":[{"b":"••••••"}]}}`,
		`{"deliveryUrl":{"https://x.example/verysecret":true}}`:                            `{"deliveryUrl":{"••••••":"••••••"}}`,
		`{"token":12345,"client_secret":[1,true]}`:                                         `{"client_secret":["••••••","••••••"],"token":"••••••"}`,
		`{"deliveryUrl":null,"snapshotUrl":""}`:                                            `{"deliveryUrl":null,"snapshotUrl":""}`,
		`{"deliveryUrls":[{"endpointId":"vpce-0","deliveryUrl":"verysecret"}]}`:            `{"deliveryUrls":[{"deliveryUrl":"••••••","endpointId":"vpce-0"}]}`,
		`{"detail":"The link https://x.example/verysecret.tgz?a=b, is used."}`:             `{"detail":"The link •••••• is used."}`,
		`{"detail":"see (ftp://x/verysecret)"}`:                                            `{"detail":"see (••••••"}`,
		`{"detail":"restore-65f0c1d2e3a4b5c6d7e8f901.abc12.mongodb.net:27017/verysecret"}`: `{"detail":"••••••"}`,
		`{"parameters":["x https://x.example/verysecret"]}`:                                `{"parameters":["x ••••••"]}`,
		`{"links":[{"href":"https://cloud.mongodb.com/api/atlas/v2/groups?pageNum=1"}]}`:   `{"links":[{"href":"https://cloud.mongodb.com/api/atlas/v2/groups?pageNum=1"}]}`,
		`{"links":[{"href":"https://x.example/verysecret"}]}`:                              `{"links":[{"href":"••••••"}]}`,
		"{\"deliveryUr\u007fl\":\"verysecret\",\"d\\u200beliveryUrl\":\"verysecret\"}":     `{"deliveryUrl":"••••••"}`,
		`{"detail":"look at ht\u0007tps:/\u200b/x.example/verysecret"}`:                    `{"detail":"look at ••••••"}`,
		"{\"detail\":\"restore-65\u200bf0c1d2e3/verysecret\"}":                             `{"detail":"••••••"}`,
		`{"name":"orders-restore","reason":"Bad Request","n":7}`:                           `{"n":7,"name":"orders-restore","reason":"Bad Request"}`,
	} {
		if got := masked([]byte(in)); got != want {
			t.Errorf("%s becomes\n%s, want\n%s", in, got, want)
		}
	}
}

// The link of a delivery in an error goes into no error text, and so into no journal.
func TestErrorsTellNoDelivery(t *testing.T) {
	t.Parallel()
	const url = "https://restore-65f0c1d2e3a4b5c6d7e8f901.abc12.mongodb.net:27017/verysecret/restore-x.tar.gz"
	s := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 400, `{"error":400,"errorCode":"INVALID_ATTRIBUTE","detail":"look at `+url+` or at https://www.mongodb.com/docs/","parameters":["`+url+`"],"badRequestDetail":{"fields":[{"field":"x","description":"`+url+`"}]}}`)
	})
	_, err := s.client(Options{}).CreateJob(t.Context(), rs, download)
	if text := fmt.Sprintf("%v %+v", err, err); err == nil || strings.Contains(text, "verysecret") || !strings.Contains(text, "https://www.mongodb.com/docs/") {
		t.Errorf("%v", err)
	}
}

// Nor is a link told that something invisible stands in, nor one that a long text ends within.
func TestErrorsTellNoDeliveryInPieces(t *testing.T) {
	t.Parallel()
	const host = "https://restore-65f0c1d2e3a4b5c6d7e8f901.abc12.mongodb.net:27017/"
	for name, detail := range map[string]string{
		"invisible": "look at " + strings.Replace(host, "restore-65", "restore-65\u200b", 1) + "verysecret/restore-x.tar.gz",
		"cut":       strings.Repeat("a", 230) + " h/verysecret/xxxxxx/restore-x.tar.gz",
	} {
		s := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Error-Code", detail)
			raw, _ := json.Marshal(map[string]any{"errorCode": detail, "detail": detail, "reason": detail, "parameters": []string{detail}})
			answer(w, 400, string(raw))
		})
		var log strings.Builder
		_, err := s.client(Options{Debug: &log}).CreateJob(t.Context(), rs, download)
		if text := fmt.Sprintf("%v %+v %s", err, err, log.String()); err == nil || strings.Contains(text, "verysecret") {
			t.Errorf("%s: %v\n%s", name, err, log.String())
		}
	}
}

// Whatever is masked, no text under the name of a secret is left, and what is no JSON is
// not shown.
func FuzzMasked(f *testing.F) {
	f.Add(`{"deliveryUrl":["https://a/verysecret"],"a":{"access_token":"verysecret"}}`)
	f.Add(`["verysecret`)
	f.Add("1" + strings.Repeat("8", 400))
	f.Add("{\"ur\x7fl\":\"verysecret\"}")
	f.Add(`{"x":"https://restore-1.a/verysecret/restore-2","urls":[{"id":"1","url":"x"}]}`)
	known := &secrets{}
	known.learn("me", "sk_?>~/verysecret")
	known.learnToken("t0k-?>~/verysecret")
	for _, again := range saidAgain("me", "sk_?>~/verysecret", "t0k-?>~/verysecret") {
		raw, _ := json.Marshal(map[string]string{"detail": "header was " + again, again: "x"})
		f.Add(string(raw))
		f.Add(`{"detail":"` + again + `"}`)
	}
	f.Fuzz(func(t *testing.T, text string) {
		out := masked(known.hideIn([]byte(text)))
		for _, form := range known.known() {
			if strings.Contains(out, form.Reveal()) {
				t.Fatalf("%q became %q, which tells %q", text, out, form.Reveal())
			}
		}
		var v any
		d := json.NewDecoder(strings.NewReader(out))
		d.UseNumber() // a number may be longer than any float
		if d.Decode(&v) != nil {
			if !strings.HasPrefix(out, "(") {
				t.Fatalf("%q became %q", text, out)
			}
			return
		}
		if left := secretsIn(v, false); left != "" {
			t.Fatalf("%q became %q, which has %q", text, out, left)
		}
	})
}

func secretsIn(v any, secret bool) string {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if harmlessKey.MatchString(k) {
				continue
			}
			if s := secretsIn(e, secret || secretKey.MatchString(k)); s != "" {
				return s
			}
		}
	case []any:
		for _, e := range v {
			if s := secretsIn(e, secret); s != "" {
				return s
			}
		}
	case string:
		if secret && v != "" && v != mask {
			return v
		}
	case json.Number, bool:
		if secret {
			return fmt.Sprint(v)
		}
	}
	return ""
}
