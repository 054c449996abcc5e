package simulator

import (
	"cmp"
	"net/http"
	"slices"
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

// deliver serves a file, once: a link is spent when the client has read the last byte, so
// one whose transfer was cut, or left, can be tried again. HEAD spends nothing. That of a flex
// snapshot is not spent at all: only its four hours are documented. Ranges are not
// offered but after the fault cut: nothing says that Atlas does. Who asks for one gets the whole,
// as HTTP has it, and spends nothing by it: curl and wget turn away from what they did not ask for.
func (s *Server) deliver(w http.ResponseWriter, r *http.Request) {
	s.lead()
	fault := s.faults.take(r, s.fileOf(r))
	if fault.wait(r) {
		s.send(w, r, nil, reply{drop: true})
		return
	}
	if rep, instead := fault.instead(); instead {
		s.send(w, r, nil, rep)
		return
	}
	t, rep := s.claim(r, fault)
	if t == nil {
		s.send(w, r, nil, rep)
		return
	}
	s.deliveries.Add(1)
	defer s.deliveries.Done()
	t.content = t.tarball()
	sent, read := 0, false
	defer func() {
		s.withWorld(func(_ *world, now time.Time) { t.over(sent, read, now) })
	}()
	if !t.head(w, r) || r.Method == http.MethodHead {
		return
	}
	var err error
	if sent, read, err = t.send(w, r); err != nil {
		panic(http.ErrAbortHandler)
	}
}

// claim finds the file of a link and takes it for this request, with what is wrong with it.
// Without one, the answer says why: 404 for a link that never was, 403 for an address that is not
// on the project's IP access list, 410 for a link that is over, and that of a fault of the link.
func (s *Server) claim(r *http.Request, fault Fault) (t *transfer, rep reply) {
	status := http.StatusNotFound
	s.withWorld(func(w *world, now time.Time) {
		j, i := w.delivered(r)
		if i < 0 {
			return
		}
		a := j.archives[i]
		if fault.File.ofLink() {
			a.struck = fault.File
			if a.lost.IsZero() && a.fetched.IsZero() {
				a.lost = now
			}
		}
		if j.source.project.Unlisted {
			status = http.StatusForbidden
			return
		}
		if !j.ready(now) || !a.flex && (a.taken || a.spent) {
			status = http.StatusGone
			return
		}
		page, instead := cmp.Or(a.struck, fault.File).page()
		if instead {
			rep = page
			return
		}
		c := j.source
		c.ranges = c.ranges || fault.File == FileCut
		a.taken = r.Method != http.MethodHead && (c.ranges || !partly(r))
		var names []string
		for _, k := range w.data(j.source, j.snapshot.Taken) {
			names = append(names, k.String())
		}
		d, snapshot := w.dice, *j.snapshot
		t = &transfer{Server: s, fault: fault, archive: a, source: c, ranges: c.ranges, tarball: func() []byte {
			return tarball(d, a.snapshot, snapshot.Version, snapshot.Taken, names, fault.File == FileDamaged)
		}}
	})
	if t == nil && rep.status == 0 {
		rep = reply{status: status, header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, body: []byte(http.StatusText(status) + "\n")}
	}
	return t, rep
}

// delivered finds the file that a request asks for: the job and its place in it, -1 for none.
func (w *world) delivered(r *http.Request) (*job, int) {
	j := w.jobByID(strings.TrimPrefix(r.PathValue("host"), "restore-"))
	if j == nil || r.PathValue("endpointId") != "" && r.PathValue("endpointId") != j.source.project.Endpoint {
		return nil, -1
	}
	return j, slices.IndexFunc(j.archives, func(a *archive) bool {
		return same(a.token, r.PathValue("token")) && a.file() == r.PathValue("file")
	})
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
