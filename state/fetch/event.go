package fetch

import "time"

// Kind is what an Event tells.
type Kind string

// The kinds of events.
const (
	Host   Kind = "host"   // a connection stands: to Host, over a private endpoint where Private
	Began  Kind = "began"  // bytes begin to come, from Done on; Total is known now, or not at all
	Moved  Kind = "moved"  // bytes have come, at most ten times a second
	Again  Kind = "again"  // Err went wrong; try number Try of Of follows, in In
	Anew   Kind = "anew"   // what was there is given up, because of Text: from the first byte on
	Renew  Kind = "renew"  // the links are asked for again, because of Err
	Note   Kind = "note"   // Text is to be known
	Judged Kind = "judged" // all bytes are there, and the proof reads the last of them
	Told   Kind = "told"   // what is there is told beside the files, in the manifest of the path Text
	Ended  Kind = "ended"  // the file has come to its end: proven where Err is nil
)

// Event is what happens to one file, as a value: nothing of a link is in it but its host.
type Event struct {
	Kind    Kind
	Index   int    // of the file in Order.Files
	Name    string // its file name
	Host    string
	Private bool

	Done   int64         // bytes on disk
	Total  int64         // bytes of the whole; -1: the server does not say
	Proven int64         // bytes that the proof has read
	Speed  float64       // bytes a second over the last seconds; 0: not known yet
	Left   time.Duration // until all bytes are there at this speed; -1: not known

	// NoRanges says that the server offers the whole only: what is there cannot be gone on with, and would
	// be fetched from the first byte on. It is false where that is not known yet, or all is there.
	NoRanges bool

	Text    string
	Err     *Error
	Try, Of int
	In      time.Duration
}
