package simulator

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// deliveryPath stands for the hosts from which Atlas delivers (https on hosts of
// their own there, which loopback cannot have). The token in it is the only key.
const deliveryPath = "/delivery/"

func (a *archive) path(j *job, endpoint string) string {
	if endpoint != "" {
		endpoint += "/"
	}
	return deliveryPath + "restore-" + j.id + "/" + endpoint + a.token + "/" + a.file()
}

func (a *archive) file() string {
	if a.flex {
		return a.snapshot + ".tgz"
	}
	return "restore-" + a.snapshot + ".tar.gz"
}

// deliver serves an archive, once: a link is spent when the client has read the last byte, so
// one whose transfer was cut, or left, can be tried again. HEAD spends nothing. That of a flex
// snapshot is not spent at all: only its four hours are documented. Ranges are not
// offered: nothing says that Atlas does. Who asks for one gets the whole, as HTTP has it,
// and spends nothing by it: curl and wget turn away from what they did not ask for.
func (s *Server) deliver(w http.ResponseWriter, r *http.Request) {
	s.lead()
	fault := s.faults.take(r)
	if fault.wait(r) {
		s.send(w, r, nil, reply{drop: true})
		return
	}
	if rep, instead := fault.instead(); instead {
		s.send(w, r, nil, rep)
		return
	}
	a, tarball, status := s.claim(r)
	if a == nil {
		s.send(w, r, nil, reply{status: status, header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, body: []byte(http.StatusText(status) + "\n")})
		return
	}
	content := tarball()
	cut := fault.Drop == AfterCommit
	s.deliveries.Add(1)
	defer s.deliveries.Done()
	whole := false
	defer func() {
		s.withWorld(func(_ *world, now time.Time) {
			a.taken = false
			if whole && a.fetched.IsZero() {
				a.fetched = now
			}
		})
	}()
	s.record(r, nil, reply{status: http.StatusOK, drop: cut}, s.clock.now())
	header := w.Header()
	header.Set("Content-Type", "application/gzip")
	header.Set("Content-Disposition", `attachment; filename="`+a.file()+`"`)
	header.Set("Content-Length", strconv.Itoa(len(content)))
	header.Set("Connection", "close") // a client that has all of it leaves
	header.Set("Date", s.clock.now().Format(http.TimeFormat))
	if cut {
		content = content[:len(content)/2]
	}
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	if cut {
		_, _ = w.Write(content)
		_ = http.NewResponseController(w).Flush() // the half must arrive
		panic(http.ErrAbortHandler)
	}
	read, err := readToTheEnd(w, r, content)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	whole = read && !partly(r)
}

// claim finds the archive of a link and takes it for this request. Without one, the
// status says why: 404 for a link that never was, 403 for an address that is not on the
// project's IP access list, 410 for a link that is over.
func (s *Server) claim(r *http.Request) (found *archive, content func() []byte, status int) {
	s.withWorld(func(w *world, now time.Time) {
		status = http.StatusNotFound
		j := w.jobByID(strings.TrimPrefix(r.PathValue("host"), "restore-"))
		if j == nil || r.PathValue("endpointId") != "" && r.PathValue("endpointId") != j.source.project.Endpoint {
			return
		}
		i := slices.IndexFunc(j.archives, func(a *archive) bool {
			return same(a.token, r.PathValue("token")) && a.file() == r.PathValue("file")
		})
		if i < 0 {
			return
		}
		a := j.archives[i]
		if j.source.project.Unlisted {
			status = http.StatusForbidden
			return
		}
		if !j.ready(now) || !a.flex && (a.taken || !a.fetched.IsZero()) {
			status = http.StatusGone
			return
		}
		a.taken = r.Method != http.MethodHead && !partly(r)
		found = a
		var names []string
		for _, k := range w.data(j.source, j.snapshot.Taken) {
			names = append(names, k.String())
		}
		d, snapshot := w.dice, *j.snapshot
		content = func() []byte { return tarball(d, a.snapshot, snapshot.Version, snapshot.Taken, names) }
	})
	return found, content, status
}

// partly says whether only the rest of an archive is asked for.
func partly(r *http.Request) bool {
	wanted := r.Header.Get("Range")
	return wanted != "" && wanted != "bytes=0-"
}

func (w *world) jobByID(id string) *job {
	for _, p := range w.projects {
		for _, c := range p.clusters {
			for _, j := range c.jobs {
				if j.id == id {
					return j
				}
			}
		}
	}
	return nil
}
