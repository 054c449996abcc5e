package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// problem is an answer that is an error, in the shape of Atlas's own.
type problem struct {
	status       int
	code, detail string
}

// Error implements error.
func (p *problem) Error() string { return p.detail }

func refuse(status int, code, detail string) error { return &problem{status, code, detail} }

func invalid(name, why string) error {
	return refuse(http.StatusBadRequest, "INVALID_ATTRIBUTE", fmt.Sprintf("%s: %s", name, why))
}

const maxBody = 64 << 10

// read reads the body, which is one JSON value and has no members that are not known.
func read(w http.ResponseWriter, r *http.Request, into any) error {
	err := decode(http.MaxBytesReader(w, r.Body, maxBody), into)
	var long *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &long):
		return refuse(http.StatusRequestEntityTooLarge, "INVALID_JSON", fmt.Sprintf("the body has more than %d bytes", maxBody))
	}
	return refuse(http.StatusBadRequest, "INVALID_JSON", "reading the body: "+err.Error())
}

// decode reads one JSON value, which has no members that are not known.
func decode(in io.Reader, into any) error {
	d := json.NewDecoder(in)
	d.DisallowUnknownFields()
	switch err := d.Decode(into); {
	case errors.Is(err, io.EOF):
		return errors.New("there is none; {} is the least")
	case err != nil:
		return err //nolint:wrapcheck // it says what is wrong with the JSON
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("it goes on after its end")
	}
	return nil
}
