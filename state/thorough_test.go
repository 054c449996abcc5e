package state_test

import "os"

// thorough says whether every case is tried. The gate does, by THOROUGH=1; in the suite it is enough
// that a plain one of each kind is met.
func thorough() bool { return os.Getenv("THOROUGH") == "1" }

// few says whether the suite tries the i-th of many cases of one kind: one in n. The gate tries them all.
func few(i, n int) bool { return thorough() || i%n == 0 }
