package steps

import (
	"cmp"
	"fmt"

	"atlas-restore/state/record"
)

// Said is what a restore is for: the ticket or the incident, and why it is done. It is asked once, as
// soon as the job runs, where nobody has to wait for it; both may stay empty.
type Said struct {
	Ticket  string
	Purpose string
	Asked   bool // somebody has answered, or flags have
}

// saidOf is what flags say.
func saidOf(a About) *Said {
	return &Said{Ticket: a.Ticket, Purpose: a.Purpose, Asked: a.Ticket != "" || a.Purpose != ""}
}

// further is a copy for another restore of the same run: mostly it is for the same incident.
func (s *Said) further() *Said {
	if s == nil {
		return &Said{}
	}
	out := *s
	return &out
}

// Answer takes what somebody says; an error says what is taken, and leaves all as it was.
func (s *Said) Answer(ticket, purpose string) error {
	for _, f := range []struct {
		name string
		of   *string
	}{{"ticket", &ticket}, {"purpose", &purpose}} {
		clean, err := record.Words(*f.of)
		if err != nil {
			return fmt.Errorf("the %s takes %w", f.name, err)
		}
		*f.of = clean
	}
	*s = Said{ticket, purpose, true}
	return nil
}

// LeadRecord is the lead of that on a job's page.
const LeadRecord = "Record"

// The two questions for the record of a restore.
const (
	AsksTicket  = "Ticket or incident"
	AsksPurpose = "Purpose"
)

// Recorded says what is known of that, and how it is said: by a key or a word. It is empty where nobody
// has to know any more, and where no record is written: the job is somebody else's.
func (j Job) Recorded(way string) string {
	switch s := j.Said; {
	case s == nil || j.Foreign:
		return ""
	case !s.Asked:
		return way + " writes down a ticket and a purpose; both may stay empty."
	case s.Ticket == "" && s.Purpose == "":
		return ""
	default:
		return fmt.Sprintf("%s, %s; %s changes it.", cmp.Or(s.Ticket, "no ticket"), cmp.Or(s.Purpose, "no purpose"), way)
	}
}
