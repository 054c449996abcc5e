package incident

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/klauspost/compress/gzip"
)

// ManyDocuments is how many documents a slow delete removes at least to be told of.
const ManyDocuments = 1000

// Log reads the log of one member, in one or more streams, the older before the newer. It
// remembers the clients that the lines have named. It is not safe for concurrent use.
type Log struct {
	member      string
	least       int64
	connections connections
	dropping    []drop // databases whose drop has begun
	found       func(Event)
	tally       Tally
	last        []byte      // how the last line began that bears an id
	progress    func(Tally) // is told after each block; nil for nobody
}

// drop is the drop of a database that is under way. A context does one at a time.
type drop struct {
	Event
	seen int // collections so far
}

// putBack is how far the lines of a log go back where its clock was put back: threads that write
// beside each other mix theirs by less.
const putBack = time.Minute

// maxDropping is how many databases are being dropped at the same time at most.
const maxDropping = 16

// Tally is what was read of a log.
type Tally struct {
	Lines, Bytes int64     // of the text
	First, Last  time.Time // the times of its first and its last line that bears one; zero for an empty log
	Skipped      int64     // lines that are none of a log, or too long to be read
	Unclear      int64     // events of that kind
	Back         bool      // the times of its lines go back: the clock was put back
}

// NewLog is the log of a member, which its events name. A slow delete is told of from so many
// documents on, ManyDocuments for 0.
func NewLog(member string, least int64) *Log {
	if least <= 0 {
		least = ManyDocuments
	}
	return &Log{member: member, least: least, connections: newConnections()}
}

// Read reads a stream, compressed with gzip or not, and calls found for what it tells, mostly in
// the order of time: the drop of a database comes when it is through. An empty stream is an
// empty log. One that breaks off is an error; what came before was read, and the tally says up
// to when. The end of ctx stops it in the same way; in has to end its own reads then.
//
// The memory that it needs does not grow with the log.
func (l *Log) Read(ctx context.Context, in io.Reader, found func(Event)) (Tally, error) {
	l.found, l.tally, l.last = found, Tally{}, nil
	to := lines{Log: l, ctx: ctx}
	stream, err := unpacked(in)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		_, err = stream.WriteTo(&to)
	}
	to.end()
	l.until()
	if errors.Is(err, io.EOF) {
		err = nil
	}
	for len(l.dropping) > 0 { // the end was not logged, or not yet
		l.through(0)
	}
	if err != nil {
		return l.tally, fmt.Errorf("reading the log of %s: %w", l.member, err)
	}
	return l.tally, nil
}

// maxLine is how much of a line is read. None is longer: the server cuts each value that it logs
// at 10 kB.
const maxLine = 256 << 10

// lines takes a log in the pieces as which it is unpacked, and hands on its lines. They are read
// where they lie: a copy, or another thread, would take longer than reading does.
type lines struct {
	*Log
	ctx    context.Context //nolint:containedctx // it is that of one Read
	part   []byte          // of a line that goes on in the next piece
	beyond bool            // what comes belongs to a line that is longer than maxLine
}

// Write takes a piece. The end of ctx is its only error.
func (l *lines) Write(piece []byte) (int, error) {
	rest := piece
	if end := bytes.IndexByte(rest, '\n') + 1; end > 0 && (l.beyond || len(l.part) > 0) {
		l.partly(rest[:end])
		l.end()
		l.beyond, rest = false, rest[end:]
	}
	end := bytes.LastIndexByte(rest, '\n') + 1
	l.read(rest[:end])
	l.partly(rest[end:])
	if l.progress != nil {
		l.until()
		l.progress(l.tally)
	}
	return len(piece), l.ctx.Err() //nolint:wrapcheck // Read names the log
}

// partly takes a part of a line.
func (l *lines) partly(part []byte) {
	if l.beyond {
		return
	}
	l.part = append(l.part, part[:min(len(part), maxLine+1-len(l.part))]...)
	if len(l.part) > maxLine {
		l.read(l.part)
		l.part, l.beyond = l.part[:0], true
	}
}

// end reads the line of which parts were taken: it is whole, or the stream ends with it.
func (l *lines) end() {
	l.read(l.part)
	l.part = l.part[:0]
}

// unpacked is the text of a stream, which Atlas compresses. A log without a line comes as no
// byte at all, which is no end of a compressed stream.
func unpacked(in io.Reader) (io.WriterTo, error) {
	r := bufio.NewReaderSize(in, 64<<10)
	magic, err := r.Peek(2)
	if !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		if len(magic) > 0 && errors.Is(err, io.EOF) {
			err = nil
		}
		return r, err //nolint:wrapcheck // Read names the log
	}
	z, err := gzip.NewReader(r)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return z, err //nolint:wrapcheck // Read names the log
}

// read reads lines that lie behind each other, and of one that is too long the beginning.
func (l *Log) read(lines []byte) {
	l.tally.Bytes += int64(len(lines))
	last := l.last
	for rest := lines; len(rest) > 0; {
		line := rest
		if end := bytes.IndexByte(rest, '\n'); end >= 0 {
			line, rest = rest[:end], rest[end+1:]
		} else {
			rest = nil
		}
		l.tally.Lines++
		long := len(line) > maxLine
		line = line[:min(len(line), maxLine)]
		if id, after := logID(line); id != 0 {
			if last != nil && string(minute(line)) < string(minute(last)) && written(line).Before(written(last).Add(-putBack)) {
				l.tally.Back = true
			}
			last = line
			if l.tally.First.IsZero() {
				l.tally.First = written(line)
			}
			l.line(id, line, after, long)
		} else {
			l.tally.Skipped++
		}
	}
	l.last = append(l.last[:0], last[:min(len(last), len(`{"t":{"$date":"2026-11-23T14:02:59.812+00:00"}`))]...)
}

// until tells of the last line that was read.
func (l *Log) until() {
	if at := written(l.last); !at.IsZero() {
		l.tally.Last = at
	}
}

// minute is what a line says of its date to the minute, where the server writes it.
func minute(line []byte) []byte {
	const from, to = len(`{"t":{"$date":"`), len(`{"t":{"$date":"2026-11-23T14:02`)
	if len(line) < to {
		return nil
	}
	return line[from:to]
}

// line reads one line, as far as its id and its text say that it matters: nearly all are done
// with then.
func (l *Log) line(id int64, line, rest []byte, long bool) {
	switch id {
	case idAccepted, idMetadata, idEnded, idRestarted, idStarting:
		if !long {
			l.connections.read(id, line, rest)
		}
		return
	case idDrop, idDropDatabase, idDropping, idDroppingView, idDropped, idRename:
	case idSlow:
		if !deletesMany(rest, l.least) {
			if long { // it may be behind
				l.tally.Skipped++
			}
			return
		}
	default:
		if !tells(rest) {
			return
		}
	}
	e, raw := event(line)
	switch {
	case e.Kind == Delete && e.Deleted < l.least: // a key of its query looked so
	case e.Kind == DropDatabase:
		l.drop(e, raw)
	default:
		l.connections.complete(&e.Who)
		l.tell(e)
	}
}

// drop makes one event of the lines that the drop of a database leaves.
func (l *Log) drop(e Event, raw entry) {
	i := slices.IndexFunc(l.dropping, func(d drop) bool { return d.Who.Context == e.Who.Context })
	if i >= 0 && (raw.ID == idDropDatabase || l.dropping[i].Namespace != e.Namespace) {
		l.through(i)
		i = -1
	}
	if i < 0 {
		if len(l.dropping) == maxDropping {
			l.through(0)
		}
		e.Late = raw.ID != idDropDatabase
		l.connections.complete(&e.Who)
		i = len(l.dropping)
		l.dropping = append(l.dropping, drop{e, len(e.Collections)})
	} else if d := &l.dropping[i]; len(e.Collections) > 0 {
		if d.seen++; d.seen <= maxCollections {
			d.Collections = append(d.Collections, e.Collections...)
		}
	}
	if raw.ID == idDropped {
		d := &l.dropping[i]
		d.Until = e.At
		// A member that repeats a drop has dropped the collections before, without a word.
		d.Complete = !d.Late && !d.Applied && raw.Attr.Collections != nil && *raw.Attr.Collections == len(d.Collections)
		l.through(i)
	}
}

// through tells of the drop of a database that is through.
func (l *Log) through(i int) {
	e := l.dropping[i].Event
	l.dropping = slices.Delete(l.dropping, i, i+1)
	l.tell(e)
}

func (l *Log) tell(e Event) {
	e.Member = l.member
	if e.Kind == Unclear {
		l.tally.Unclear++
	}
	l.found(e)
}

// written is when a line was written; zero where it does not say so.
func written(line []byte) time.Time {
	at, _ := date(string(quoted(line, `"$date":"`, len(`"`), 64)))
	return at
}
