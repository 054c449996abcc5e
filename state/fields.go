package state

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"atlas-restore/state/pattern"
)

// The patterns and bounds of Atlas's "create one restore job".
var (
	idPattern          = pattern.New(`^[a-f0-9]{24}$`)
	requestPattern     = pattern.New(`^[A-Z2-7]{26}$`)
	clusterNamePattern = pattern.New(`^[a-zA-Z0-9][a-zA-Z0-9-]*$`)
)

// MinInstant is 2008-01-01T00:00:00Z, the first second that Atlas takes for a
// point in time; MaxInstant is the last one that fits its int32.
const (
	MinInstant = 1199145600
	MaxInstant = math.MaxInt32
)

// CheckID says what keeps s from being an Atlas id (^[a-f0-9]{24}$), in a
// sentence with an example; nil if nothing does.
func CheckID(s string) error {
	switch {
	case idPattern.MatchString(s):
		return nil
	case s == "":
		return errors.New("an id is needed: 24 characters, like 65f0c1d2e3a4b5c6d7e8f901")
	case strings.IndexFunc(s, notHex) < 0 && s == strings.ToLower(s):
		return fmt.Errorf("an id has 24 characters, this has %d", len(s))
	case idPattern.MatchString(strings.ToLower(s)):
		return errors.New("an id is written in lower case, like 65f0c1d2e3a4b5c6d7e8f901")
	}
	return errors.New("an id has only 0-9 and a-f, 24 of them, like 65f0c1d2e3a4b5c6d7e8f901")
}

// CheckRequest says what keeps s from being the id of a request of this program, by which it can be looked
// for; nil if nothing does.
func CheckRequest(s string) error {
	if requestPattern.MatchString(s) {
		return nil
	}
	return errors.New("the id of a request has 26 of A-Z and 2-7")
}

func notHex(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) }

// CheckClusterName says what keeps s from being the name of an Atlas cluster
// (^[a-zA-Z0-9][a-zA-Z0-9-]*$); nil if nothing does.
func CheckClusterName(s string) error {
	switch {
	case clusterNamePattern.MatchString(s):
		return nil
	case s == "":
		return errors.New("a cluster name is needed, like orders-restore")
	case s[0] == '-':
		return errors.New("a cluster name begins with a letter or digit, like orders-restore")
	case strings.ContainsAny(s, " \t"):
		return errors.New("a cluster name has no spaces: write orders-restore, not orders restore")
	}
	for _, r := range s {
		if !clusterNamePattern.MatchString(string(r)) && r != '-' {
			return fmt.Errorf("a cluster name has only letters, digits and hyphens, like orders-restore: %q cannot stand in it", r)
		}
	}
	return errors.New("a cluster name has only letters, digits and hyphens, like orders-restore")
}

// ParseOplogTs reads the seconds half of an oplog timestamp: int32, from
// 1199145600 (2008) on.
func ParseOplogTs(s string) (int64, error) {
	n, err := wholeNumber(s, "the oplog timestamp is in seconds since 1970, like 1795443779")
	switch {
	case err != nil:
		return 0, err
	case len(s) == 13:
		return 0, fmt.Errorf("that is in milliseconds; in seconds it is %s", s[:10])
	case n < MinInstant:
		return 0, fmt.Errorf("the oplog timestamp begins at %d (2008-01-01), like 1795443779", MinInstant)
	case n > MaxInstant:
		return 0, fmt.Errorf("the oplog timestamp ends at %d (2038), like 1795443779", MaxInstant)
	}
	return n, nil
}

// ParseOplogInc reads the counter half of an oplog timestamp: int32, from 1 on.
func ParseOplogInc(s string) (int64, error) {
	n, err := wholeNumber(s, "the oplog increment is a whole number from 1 on, like 1")
	switch {
	case err != nil:
		return 0, err
	case n < 1:
		return 0, errors.New("the oplog increment begins at 1")
	case n > math.MaxInt32:
		return 0, fmt.Errorf("the oplog increment ends at %d", math.MaxInt32)
	}
	return n, nil
}

func wholeNumber(s, say string) (int64, error) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, errors.New(say)
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return math.MaxInt64, nil // longer than any bound: let the bound say so
	}
	return n, nil
}
