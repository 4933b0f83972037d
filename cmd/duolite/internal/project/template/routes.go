package main

import (
	"net/http"

	"github.com/duolite/duolite/cmd/duolite/internal/project/template/dbsqlc"
)

// routes returns the handler of all requests.
func routes(queries *dbsqlc.Queries) http.Handler {
	mux := http.NewServeMux()
	notes := noteHandlers{queries}
	mux.HandleFunc("POST /notes", reply(notes.create))
	mux.HandleFunc("GET /notes", reply(notes.list))
	mux.HandleFunc("DELETE /notes/{id}", reply(notes.delete))
	return mux
}
