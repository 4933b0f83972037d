package main

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"strconv"

	"github.com/duolite/duolite/db"
)

// errBadRequest is the kind of errors about the request itself.
var errBadRequest = errors.New("bad request")

// reply makes a handler of a function that returns the answer, or an error.
func reply(handle func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer, err := handle(r)
		switch code := status(err); {
		case code >= http.StatusInternalServerError:
			log.Printf("%s %s: %v", r.Method, r.URL.Path, err)
			http.Error(w, http.StatusText(code), code)
		case err != nil:
			http.Error(w, err.Error(), code)
		case answer == nil:
			w.WriteHeader(http.StatusNoContent)
		default:
			w.Header().Set("Content-Type", "application/json")
			if err := json.NewEncoder(w).Encode(answer); err != nil {
				log.Printf("%s %s: %v", r.Method, r.URL.Path, err)
			}
		}
	}
}

// status returns the HTTP status for an error. A file and a server have the same kinds of errors.
func status(err error) int {
	switch {
	case err == nil:
		return http.StatusOK
	case errors.Is(err, sql.ErrNoRows):
		return http.StatusNotFound
	case errors.Is(err, errBadRequest), errors.Is(err, db.ErrCheck), errors.Is(err, db.ErrNotNull):
		return http.StatusBadRequest
	case errors.Is(err, db.ErrUnique), errors.Is(err, db.ErrForeignKey):
		return http.StatusConflict
	case errors.Is(err, db.ErrBusy), errors.Is(err, db.ErrUnavailable):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// readJSON reads the body of a request, up to 1 MiB.
func readJSON(r *http.Request, value any) error {
	if err := json.NewDecoder(http.MaxBytesReader(nil, r.Body, 1<<20)).Decode(value); err != nil {
		return fmt.Errorf("%w: %w", errBadRequest, err)
	}
	return nil
}

// readID reads {id} in the path of a request.
func readID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errBadRequest, err)
	}
	return id, nil
}
