package state

import (
	"context"
	"fmt"
	"time"
)

// Attempt is a read that went wrong and is about to be made again.
type Attempt struct {
	Err  error         // of the try that failed
	Next int           // the number of the next try; 2 is the first repetition
	Of   int           // how many tries are made at most; fewer than before where this fault takes long
	At   time.Time     // when the next try begins, on this machine's clock
	In   time.Duration // and how long that was away when it was decided
}

// Text says which try comes next and when, or that it is under way, and what went wrong. No more than
// Of are made, and fewer where Atlas is slow: which one is the last is not known before.
func (a Attempt) Text(now time.Time) string {
	when := "comes now"
	switch left := a.At.Sub(now); {
	case left <= 0:
		when = "is under way"
	case left >= time.Second:
		when = "comes in " + Exactly(left)
	}
	return fmt.Sprintf("Try %d of at most %d %s: %s", a.Next, a.Of, when, Why(a.Err))
}

type attemptsKey struct{}

// WithAttempts has whoever reads from Atlas under ctx report the tries that failed to
// tell, which is called from any goroutine and must not block.
func WithAttempts(ctx context.Context, tell func(Attempt)) context.Context {
	return context.WithValue(ctx, attemptsKey{}, tell)
}

// ReportAttempt tells whoever asked for it of a try that failed.
func ReportAttempt(ctx context.Context, a Attempt) {
	if tell, ok := ctx.Value(attemptsKey{}).(func(Attempt)); ok {
		tell(a)
	}
}

type partKey[T any] struct{}

// WithPart has whoever lists or looks at something under ctx report the parts that have come
// first to tell, while the rest is still on its way. It is called one after the other, and
// must not block.
func WithPart[T any](ctx context.Context, tell func(T)) context.Context {
	return context.WithValue(ctx, partKey[T]{}, tell)
}

// ReportPart tells whoever asked for it of what has come so far.
func ReportPart[T any](ctx context.Context, part T) {
	if tell, ok := ctx.Value(partKey[T]{}).(func(T)); ok {
		tell(part)
	}
}
