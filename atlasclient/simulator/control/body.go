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
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		err = errors.New("it goes on after its end")
	}
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return refuse(http.StatusRequestEntityTooLarge, "INVALID_JSON", fmt.Sprintf("the body has more than %d bytes", maxBody))
	case errors.Is(err, io.EOF):
		err = errors.New("there is none; {} is the least")
	}
	return refuse(http.StatusBadRequest, "INVALID_JSON", "reading the body: "+err.Error())
}
