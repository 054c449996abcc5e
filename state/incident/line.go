package incident

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/text"
)

// The lines that tell, by the server's log ids and their texts (4.4 to 8.x). An id is a line's
// name and stays through the versions; its text is the second witness. A line of which only one
// of them says that something was lost is unclear.
const (
	idDrop         = 518070
	idDropDatabase = 20337
	idDropping     = 20338   // a collection, as its database is dropped
	idDroppingView = 7193700 // the same of system.views, which goes first
	idDropped      = 20336   // the database is gone
	idRename       = 20400
	idSlow         = 51803
)

const (
	saysDrop         = "CMD: drop"
	saysDropDatabase = "dropDatabase - starting"
	saysDropping     = "dropDatabase - dropping collection"
	saysDropped      = "dropDatabase"
	saysFinished     = "dropDatabase - finished"
	saysRename       = "renameCollectionForCommand"
	saysSlow         = "Slow query"
)

// agree says whether id and text name the same line.
func agree(id int64, msg string) bool {
	switch id {
	case idDrop:
		return msg == saysDrop
	case idDropDatabase:
		return msg == saysDropDatabase
	case idDropping, idDroppingView:
		return msg == saysDropping
	case idDropped:
		return msg == saysDropped || msg == saysFinished
	case idRename:
		return msg == saysRename
	case idSlow:
		return msg == saysSlow
	}
	return false
}

// logID finds the id of a line without reading it as JSON: the server writes time, severity and
// component before it, none of which holds text of others. It returns what stands behind it;
// 0 for a line that has none there.
func logID(line []byte) (id int64, rest []byte) {
	const (
		key    = `"id":`
		column = 73 // where it stands, as the server pads what is before it
		soon   = 256
	)
	at := column
	if len(line) < column+len(key) || string(line[column:column+len(key)]) != key {
		if at = bytes.Index(line[:min(len(line), soon)], []byte(key)); at < 0 {
			return 0, nil
		}
	}
	return number(line[at+len(key):])
}

// number reads the digits at the beginning of b, past blanks; 0 for none.
func number(b []byte) (n int64, rest []byte) {
	i := 0
	for i < len(b) && b[i] == ' ' {
		i++
	}
	for few := i + 9; i < len(b) && i < few && b[i]-'0' <= 9; i++ { // that many are no overflow
		n = n*10 + int64(b[i]-'0')
	}
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		if n < math.MaxInt64/100 {
			n = n*10 + int64(b[i]-'0')
		}
	}
	return n, b[i:]
}

// index is where key begins in b; -1 for nowhere. It looks for the letter of key at rare, which is
// to be rare in a log: quotes, by which keys begin, are everywhere.
func index(b []byte, key string, rare int) int {
	for from := rare; from < len(b); {
		i := bytes.IndexByte(b[from:], key[rare])
		if i < 0 {
			break
		}
		if at := from + i - rare; len(b)-at >= len(key) && string(b[at:at+len(key)]) == key {
			return at
		}
		from += i + 1
	}
	return -1
}

// quoted is what stands in quotes behind a key, as it is written, where the key is among the
// first n bytes; nil for none. Its letter at rare is as index says.
func quoted(b []byte, key string, rare, n int) []byte {
	i := index(b[:min(len(b), n)], key, rare)
	if i < 0 {
		return nil
	}
	b = b[i+len(key):]
	if end := bytes.IndexByte(b, '"'); end >= 0 {
		return b[:end]
	}
	return nil
}

// tells says whether the text of a line, whose rest behind the id is given, is one of those
// that name a loss.
func tells(rest []byte) bool {
	msg := quoted(rest, `"msg":"`, len(`"ms`), 96)
	switch string(msg) {
	case saysDrop, saysDropDatabase, saysDropping, saysRename:
		return true
	}
	return false
}

// deletesMany says whether a slow operation removed at least so many documents. Keys of a query
// may look the same: it may be wrong, but only so that a line is read in vain. Most lines of a
// log can be of reads and updates, which are long: these are known by how they begin.
func deletesMany(rest []byte, least int64) bool {
	const key = `"ndeleted":`
	switch string(quoted(rest, `"attr":{"type":"`, len(`"attr":`), 128)) {
	case "query", "getmore", "insert", "update":
		return false
	case "command":
		// What the command is stands first in it.
		switch string(quoted(rest, `"command":{"`, len(`"command":`), 512)) {
		case "find", "getMore", "aggregate", "insert", "update", "count", "distinct":
			return false
		}
	}
	for {
		i := bytes.Index(rest, []byte(key))
		if i < 0 {
			return false
		}
		var n int64
		if n, rest = number(rest[i+len(key):]); n >= least {
			return true
		}
	}
}

// entry is a line of a log, as far as it is needed.
type entry struct {
	Time struct {
		Date string `json:"$date"`
	} `json:"t"`
	ID   int64  `json:"id"`
	Ctx  string `json:"ctx"`
	Msg  string `json:"msg"`
	Attr struct {
		Namespace       string          `json:"namespace"`
		DB              string          `json:"db"`
		SourceNamespace string          `json:"sourceNamespace"`
		TargetNamespace string          `json:"targetNamespace"`
		DropTarget      json.RawMessage `json:"dropTarget"`
		Collections     *int            `json:"numCollectionsDropped"`

		NS       string `json:"ns"`
		AppName  string `json:"appName"`
		Remote   string `json:"remote"`
		Deleted  int64  `json:"ndeleted"`
		Duration int64  `json:"durationMillis"`
	} `json:"attr"`
}

// maxDuration is longer than any operation runs, in milliseconds: a week.
const maxDuration = 7 * 24 * 60 * 60 * 1000

// event reads a line that may tell of a loss. It is unclear where anything of it is not as the
// server writes it. The entry tells what is not in the event.
func event(line []byte) (Event, entry) {
	var l entry
	unclear := func() (Event, entry) {
		return Event{Kind: Unclear, At: written(line), Text: text.Clean(string(line[:min(len(line), 4096)]))}, entry{ID: l.ID}
	}
	if json.Unmarshal(line, &l) != nil || !agree(l.ID, l.Msg) || l.Ctx == "" {
		return unclear()
	}
	at, ok := date(l.Time.Date)
	e := Event{At: at, Who: Who{Context: text.Clean(l.Ctx)}, Applied: applies(l.Ctx)}
	a := &l.Attr
	good := func(n *Namespace, s string) {
		var is bool
		*n, is = namespace(s)
		ok = ok && is
	}
	switch l.ID {
	case idDrop:
		e.Kind = Drop
		good(&e.Namespace, a.Namespace)
	case idRename:
		good(&e.Namespace, a.SourceNamespace)
		good(&e.Target, a.TargetNamespace)
		switch string(a.DropTarget) {
		case `"yes"`, `true`:
			e.Kind = Overwrite
		case `"no"`, `false`:
			e.Kind = Rename
		default:
			ok = false
		}
	case idSlow:
		e.Kind, e.Deleted = Delete, a.Deleted
		good(&e.Namespace, a.NS)
		ok = ok && a.Duration >= 0 && a.Duration < maxDuration && !strings.HasPrefix(e.Namespace.Collection, "$cmd")
		e.Until = at // the line is written at the end
		e.At = at.Add(-time.Duration(a.Duration) * time.Millisecond)
		e.Who.Application, e.Who.Remote = text.Clean(a.AppName), text.Clean(a.Remote)
	default:
		e.Kind, e.Namespace = DropDatabase, name(a.DB)
		ok = ok && a.DB != ""
		if l.ID == idDropping || l.ID == idDroppingView {
			var gone Namespace
			good(&gone, a.Namespace)
			e.Collections = []Namespace{gone}
		}
	}
	if !ok {
		return unclear()
	}
	return e, l
}

// date reads the time of a line, which bears its offset from UTC, to the millisecond. One of
// which no cluster can tell is none.
func date(s string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.Unix() < state.MinInstant || t.Unix() > state.MaxInstant {
		return time.Time{}, false
	}
	return t.UTC().Truncate(time.Millisecond), true
}

// applies says whether a thread does what the primary has done already: it repeats the oplog.
func applies(ctx string) bool {
	for _, thread := range []string{"OplogApplier", "ReplWriterWorker", "rsSync", "ReplBatcher", "initandlisten", "ReplCoordExtern", "InitialSync", "CollectionCloner"} {
		if strings.HasPrefix(ctx, thread) {
			return true
		}
	}
	return false
}
