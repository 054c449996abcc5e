package atlasclient

import (
	"crypto/x509"
	"fmt"
	"io"
	"os"

	"atlas-restore/state/disk"
)

// Certificates are the system's with those of a file; nil, which stands for the
// system's, without one.
func Certificates(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil //nolint:nilnil // nil is the pool that is meant
	}
	raw, err := disk.ReadText(path)
	if err != nil {
		return nil, fmt.Errorf("reading the certificates: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(raw) {
		return nil, fmt.Errorf("reading the certificates: %s holds none in PEM", path)
	}
	return pool, nil
}

// DebugLog opens the file of --debug, for this user's eyes alone; nil for none. It is
// closed by the end of the process.
func DebugLog(path string) (io.Writer, error) {
	if path == "" {
		return nil, nil //nolint:nilnil // no log is no error
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600) //nolint:gosec // the user says where
	if err != nil {
		return nil, fmt.Errorf("opening the debug log: %w", err)
	}
	return f, nil
}
