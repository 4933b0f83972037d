package main

import (
	"database/sql"
	"net/http"

	"github.com/duolite/duolite/cmd/duolite/internal/project/template/dbsqlc"
)

type noteHandlers struct{ queries *dbsqlc.Queries }

// create stores the note of the request, such as {"body": "Buy milk"}.
func (h noteHandlers) create(r *http.Request) (any, error) {
	var note struct{ Body string }
	if err := readJSON(r, &note); err != nil {
		return nil, err
	}
	return h.queries.CreateNote(r.Context(), note.Body)
}

func (h noteHandlers) list(r *http.Request) (any, error) {
	return h.queries.ListNotes(r.Context(), 100)
}

func (h noteHandlers) delete(r *http.Request) (any, error) {
	id, err := readID(r)
	if err != nil {
		return nil, err
	}
	n, err := h.queries.DeleteNote(r.Context(), id)
	if err == nil && n == 0 {
		err = sql.ErrNoRows
	}
	return nil, err
}
