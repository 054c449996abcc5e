package ui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"atlas-restore/forms/columns"
	"atlas-restore/forms/ink"
	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// typedAt is the line of dirLines in which is typed.
const typedAt = 1

// dirLines ask where the files are to go, and say what is known of that place.
func (p *jobPage) dirLines(s styles, w int) (out []string) {
	p.fetch.dir.SetWidth(max(1, w-3))
	out = append(out, s.title.Render("Where are the files to go?"), s.accent.Render(s.marks.prompt)+" "+p.fetch.dir.View())
	if p.fetch.place.problem != nil {
		return append(out, problemLines(s, *p.fetch.place.problem, w)...)
	}
	place := p.fetch.place.value
	if !p.fetch.place.have {
		return append(out, s.dim.Render("Looking at the directory"+s.marks.more))
	}
	for _, c := range place.Clauses(p.cfg, p.job, p.cfg.Instant()) {
		style := s.text
		if c.Warn {
			style = s.caution
		}
		head := s.dim.Render(c.Lead + strings.Repeat(" ", max(1, leadOfPlace-len(c.Lead))))
		out = append(out, hanging(head, leadOfPlace, style, c.Text, w)...)
	}
	return out
}

const (
	leadOfPlace = 7
	lowFetch    = 13 // lines: below them nothing is said but how the files stand
)

// fetchColumns are those of files that are fetched. What gives way first is told by the line over them
// too. Where nothing comes any more nothing has a speed.
func fetchColumns(busy bool) *columns.Grid {
	if !busy {
		return columns.New(columns.Column{Head: "FILE", Flex: true}, columns.Column{Head: "STATE", Rank: 1}, columns.Column{Head: "SIZE", Rank: 1, Right: true}, columns.Column{Rank: 5})
	}
	g := columns.New(columns.Column{Head: "FILE", Flex: true}, columns.Column{Head: "STATE", Rank: 1},
		columns.Column{Head: "SO FAR", Rank: 1, Right: true}, columns.Column{Head: "SPEED", Rank: 4, Right: true}, columns.Column{Head: "LEFT", Rank: 3, Right: true}, columns.Column{Rank: 5})
	g.Least(1, len("x fetching 100 %")) // no column moves by a word
	g.Least(2, len("100 of 100 MB"))
	g.Least(3, len("100 MB/s"))
	g.Least(4, len("10 min"))
	return g
}

// fetchLines are a fetch as it stands: all files in one line, then a row each, and what there is to say
// of the highlighted one. from and to are the lines of its row and of that.
func (p *jobPage) fetchLines(s styles, w, room int) (out []string, from, to int) {
	f := p.job.Fetch
	low := room < lowFetch
	until := p.linksEnd()
	into := s.dim.Render("Into ") + ansi.Truncate(f.Where(), max(1, w-5-ansi.StringWidth(until)), s.marks.more) + s.dim.Render(until)
	if !low {
		out = append(out, into)
	}
	out = append(out, p.sumLines(s, w)...)
	if !low {
		out = append(out, "")
	}
	rows, told := p.fetchRows(s, w)
	at := min(p.at, max(0, len(f.Rows)-1))
	from = len(out) + 1 + at
	if len(f.Rows) > 0 {
		out = append(out, rows...)
		detail := f.Rows[at].Detail()
		if told {
			detail = detail[min(1, len(detail)):]
		}
		if len(detail) > 0 && !low {
			out = append(out, "")
		}
		for i, text := range detail {
			out = append(out, p.detail(s, f.Rows[at], text, i == 0 && !told, w)...)
		}
	} else {
		from = len(out)
	}
	to = max(from+1, len(out))
	if d := f.Done; d != nil && len(d.Files) == 0 && d.Err != nil { // it has come to no file
		out = append(out, hanging(s.danger.Render(s.marks.wrong+" "), 2, s.danger, strings.TrimRight(d.Err.Error(), ".")+".", w)...)
		if d.Advice != "" {
			out = append(out, wrap("  "+d.Advice, w)...)
		}
	}
	if f.Downloaded() {
		out = append(out, wrap(steps.NotProven, w)...)
	}
	if low && !f.Busy { // the files come first, and the rest is read on
		out = append(out, into)
	}
	var opens []string
	for _, text := range f.Opens() {
		opens = append(opens, wrap(text, w)...)
	}
	if len(opens) > 0 && len(out)+len(opens)+2 <= room {
		out = append(out, "")
	}
	out = append(out, opens...)
	for _, note := range f.Notes {
		out = append(out, hanging(s.caution.Render(s.marks.warn+" "), 2, s.caution, note, w)...)
	}
	return out, from, to
}

// linksEnd says, behind a semicolon, when the links end by whose bytes are still awaited; empty where none is.
func (p *jobPage) linksEnd() string {
	at := p.job.Job.ExpiresAt
	if !p.job.Fetch.Busy || at.IsZero() || p.state() != state.Ready {
		return ""
	}
	return "; the links end " + state.FromNow(at, p.cfg.Instant())
}

// detail is one sentence about a file; first says that it tells how it stands, and not what to do.
func (p *jobPage) detail(s styles, r steps.FetchRow, text string, first bool, w int) []string {
	_, role, warns := r.Words()
	mark, style := "  ", s.text
	switch {
	case !first:
	case role == steps.Danger:
		style = s.danger
	case warns:
		style = s.caution
	case role == steps.Good:
		mark = s.good.Render(s.marks.ok) + " "
	}
	return hanging(mark, 2, style, text, w)
}

// sumLines are all files in one line, with a bar where the whole is known.
func (p *jobPage) sumLines(s styles, w int) []string {
	sum := p.job.Fetch.Sum()
	if sum.Of == 0 || !p.job.Fetch.Busy {
		return nil
	}
	words := sum.Words()
	part, ok := sum.Part()
	if !ok {
		return wrap(words, w)
	}
	const most, least = 30, 10
	n := min(most, w-ansi.StringWidth(words)-2)
	if n < least {
		return wrap(words, w)
	}
	full := min(n, int(part*float64(n)))
	return []string{s.running.Render(strings.Repeat(s.marks.shaft, full)) + s.dim.Render(strings.Repeat(s.marks.rail, n-full)) + "  " + words}
}

// fetchRows are the files below their heads; told says that there was room for the first sentence about
// each.
func (p *jobPage) fetchRows(s styles, w int) (out []string, told bool) {
	f, files := p.job.Fetch, steps.FilesOf(p.job.Plan, p.job.Job)
	grid := fetchColumns(f.Busy)
	var rows [][]string
	var looks []ink.Ink
	for i, r := range f.Rows {
		name := r.Name
		if i < len(files) {
			name = files[i].Name
		}
		words, role, warns := r.Words()
		mark, style := s.role(role)
		if warns {
			mark, style = s.marks.warn, s.caution
		}
		row := []string{name, mark + " " + words, r.Bytes()}
		if f.Busy {
			row = append(row, r.Speed(), r.Left())
		}
		row = append(row, strings.Join(r.Detail()[:min(1, len(r.Detail()))], ""))
		grid.Measure(row...)
		rows, looks = append(rows, row), append(looks, style)
	}
	const lead = 2
	as := grid.Fit(w - lead)
	told = len(rows) > 0 && as.Shows(len(rows[0])-1)
	out = []string{"  " + s.dim.Render(as.Heads())}
	for i := range rows {
		mark, name := "  ", s.text
		if i == min(p.at, len(rows)-1) {
			mark, name = s.selected.Render(s.marks.here)+" ", s.selected
		}
		cells, _ := as.Row(rows[i], 0)
		stands := rows[i][1]
		out = append(out, mark+columns.Line(cells, func(c columns.Cell) string {
			switch {
			case c.Head:
				return name.Render(c.Text)
			case strings.HasPrefix(strings.TrimSpace(c.Text), stands):
				return looks[i].Render(c.Text)
			}
			return s.text.Render(c.Text)
		}))
	}
	return out, told
}
