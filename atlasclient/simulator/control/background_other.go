//go:build !unix

package control

func stayInBackground() {}
