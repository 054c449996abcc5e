package journal

// Small is the journal in dir whose files give way to new ones at most bytes already.
func Small(dir string, most int64) *Journal {
	j := At(dir)
	j.most = most
	return j
}
