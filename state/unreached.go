package state

// Unreached is a reason for which Atlas was not reached, or its answer not heard, that a
// person can do something about: a certificate, a name, a proxy.
type Unreached struct {
	Why    string // which address, and what is wrong; cleaned
	Advice string // what to do about it
	Passes bool   // it may pass by itself
	Err    error  // its cause
}

// Error implements error.
func (u *Unreached) Error() string { return u.Why }

// Unwrap gives the cause.
func (u *Unreached) Unwrap() error { return u.Err }
