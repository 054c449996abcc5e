package state

import "time"

// Unreadable are the jobs that cannot be read and may still run: those made since, and those
// that do not even tell when they were made.
func Unreadable(jobs []Job, since time.Time) []Job {
	var out []Job
	for _, j := range jobs {
		if made := CreatedAt(j.ID); j.Unreadable != "" && (made.IsZero() || !made.Before(since)) {
			out = append(out, j)
		}
	}
	return out
}
