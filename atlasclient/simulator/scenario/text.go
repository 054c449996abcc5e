package scenario

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"atlas-restore/atlasclient/simulator"
)

const width = 80

// Text is the debrief as plain text, 80 columns wide.
func (d Debrief) Text() string { return d.TextIn(width) }

// TextIn is the debrief as plain text, so many columns wide.
func (d Debrief) TextIn(width int) string {
	var b strings.Builder
	fold := func(lead, text string) string { return fold(width, lead, text) }
	line := func(format string, args ...any) { b.WriteString(fold("", fmt.Sprintf(format, args...))) }
	heading := func(s string) { fmt.Fprintf(&b, "\n%s\n", s) }

	outcome := "NOT PASSED"
	switch {
	case d.Passed:
		outcome = "PASSED"
	case !d.Over:
		outcome = "NOT FINISHED"
	}
	line("%s: %s", d.Title, outcome)
	line("%d of %d points, %s taken.", d.Score, d.Of, count(d.Hints, "hint"))
	if len(d.Lost) > 0 {
		line("Points that are not in it: %s.", strings.Join(d.Lost, ", "))
	}
	if d.LossText != "" {
		line("%s", d.LossText)
	}
	line("Restores onto a cluster that was not to be overwritten: %d. Jobs made twice: %d.", d.WrongTargets, d.Duplicates)
	line("%s; %s is enough.", d.pace(), span(time.Duration(d.Par)))
	for _, one := range []struct {
		lead string
		what []string
	}{{"Warnings that the confirmed review had", d.Warnings}, {"Accepted by name", d.Accepted}, {"What the review stopped", d.Blocked}} {
		if len(one.what) > 0 {
			line("%s: %s.", one.lead, strings.Join(one.what, ", "))
		}
	}
	heading("Goals")
	for _, g := range d.Goals {
		b.WriteString(fold(mark(g.Met), g.Text))
	}
	for _, g := range d.Forbidden {
		if g.Met {
			b.WriteString(fold("but   ", g.Text))
		}
	}
	if len(d.Timeline) > 0 {
		heading("What happened (UTC)")
		for _, l := range d.Timeline {
			b.WriteString(fold(l.At.UTC().Format("15:04:05  "), l.Text))
		}
	}
	heading("What a better run does")
	line("%s", d.Better)
	heading("Why")
	line("%s", d.Why)
	heading("Where this comes from")
	line("%s", d.Source)
	if d.URL != "" {
		b.WriteString(d.URL + "\n")
	}
	b.WriteByte('\n')
	line("%s: %s, %d of %d points.", d.Title, outcome, d.Score, d.Of) // what scrolls away first is said last too
	return b.String()
}

func mark(met bool) string {
	if met {
		return "met   "
	}
	return "open  "
}

// pace says how long what took.
func (d Debrief) pace() string {
	var parts []string
	for _, one := range []struct {
		what  string
		after *simulator.Duration
	}{{"first review", d.ToDecide}, {"submitted", d.ToSubmit}, {"done", d.ToDone}} {
		if one.after != nil {
			parts = append(parts, one.what+" after "+span(time.Duration(*one.after)))
		}
	}
	if parts == nil {
		return "Nothing was submitted"
	}
	text := strings.Join(parts, ", ")
	return strings.ToUpper(text[:1]) + text[1:]
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// fold breaks a text into lines that stand beside what leads it, between words only: no
// name is cut at its dash. Commands to a terminal are taken out: an instructor may have
// said anything.
func fold(width int, lead, text string) string {
	var b strings.Builder
	b.WriteString(lead)
	at, room := 0, width-len(lead)
	for _, word := range strings.FieldsFunc(ansi.Strip(text), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		n := ansi.StringWidth(word)
		switch {
		case at > 0 && at+1+n > room:
			b.WriteString("\n" + strings.Repeat(" ", len(lead)))
			at = 0
		case at > 0:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += n
	}
	b.WriteByte('\n')
	return b.String()
}
