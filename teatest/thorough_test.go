package teatest_test

import "os"

// thorough says whether every combination is tried, and what is rare is tried for long. The
// gate does, by THOROUGH=1; in the suite it is enough that every value is met.
func thorough() bool { return os.Getenv("THOROUGH") == "1" }
