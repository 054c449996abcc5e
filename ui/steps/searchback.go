package steps

import (
	"errors"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/watch"
)

// searchBack says whether Search came back on a cluster that was restored. That it did is said
// only where an event told so: a cluster without search indexes has none, and neither has one
// whose indexes are still built.
func searchBack(s watch.Search, now time.Time) string {
	switch told := "(event of " + state.UTC(s.At, now) + ")"; {
	case !s.At.IsZero() && s.Failed:
		return "Search indexes could not be restored " + told + ": look in Atlas which are missing, and create them again."
	case !s.At.IsZero():
		return "Search indexes are back " + told + "."
	case s.Err != nil:
		return "Atlas builds the search indexes again. Whether Search came back could not be read: " + whyUnread(s.Err)
	}
	return searchLags + " Whether Search came back is not told yet."
}

// searchLags is what each restore does to Search, also one that nobody has asked for yet.
const searchLags = "Atlas builds the search indexes again: searches lag meanwhile."

// whyUnread is why something was not answered, with the role that it needs, where that is why.
func whyUnread(err error) string {
	why := state.Why(err)
	var atlas *state.AtlasError
	if errors.As(err, &atlas) && atlas.LacksRole() && atlas.Needs != "" {
		why = strings.TrimSpace(why + " It needs " + atlas.Needs + ".")
	}
	return why
}

// SearchWords say whether Search came back on the target of a restore that is completed; empty
// for any other job.
func (j Job) SearchWords(now time.Time) string {
	if !j.Plan.Delivery.Overwrites() || j.Unseen || j.State(now) != state.Completed {
		return ""
	}
	return searchBack(j.Search, now)
}
