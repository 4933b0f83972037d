// Package shopserver is the program of docs/http.md, an HTTP server for the shop.
package shopserver

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/examples/shop/schema"
	"github.com/duolite/duolite/examples/shop/shopdb"
)

// A server has the pool and the queries that its handlers use.
type server struct {
	pool    *sql.DB
	queries *shopdb.Queries
}

// handler returns the routes of the server.
func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", s.getOrder)
	mux.HandleFunc("POST /customers", s.addCustomer)
	mux.HandleFunc("GET /healthz", s.health)
	return mux
}

func (s *server) getOrder(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		http.Error(w, "the id isn't a number", http.StatusBadRequest)
		return
	}
	order, err := s.queries.GetOrder(r.Context(), id)
	reply(w, r, order, err)
}

func (s *server) addCustomer(w http.ResponseWriter, r *http.Request) {
	var customer shopdb.AddCustomerParams
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&customer); err != nil {
		http.Error(w, "the body isn't a customer in JSON", http.StatusBadRequest)
		return
	}
	added, err := s.queries.AddCustomer(r.Context(), customer)
	reply(w, r, added, err)
}

// health is for a load balancer: it asks the database.
func (s *server) health(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	err := s.pool.PingContext(ctx)
	reply(w, r, "ok", err)
}

// reply sends a value, or an error by its kind.
func reply(w http.ResponseWriter, r *http.Request, value any, err error) {
	if err != nil {
		code := statusOf(err)
		if code == http.StatusInternalServerError {
			slog.ErrorContext(r.Context(), "request failed", "path", r.URL.Path, "error", err)
		}
		http.Error(w, http.StatusText(code), code) // the text of err isn't for strangers
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		slog.WarnContext(r.Context(), "reply not sent", "path", r.URL.Path, "error", err)
	}
}

// statusOf returns the status code for an error.
func statusOf(err error) int {
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return http.StatusNotFound
	case errors.Is(err, db.ErrUnique):
		return http.StatusConflict
	case errors.Is(err, db.ErrForeignKey), errors.Is(err, db.ErrCheck), errors.Is(err, db.ErrNotNull), errors.Is(err, db.ErrBadQuery):
		return http.StatusUnprocessableEntity
	case errors.Is(err, db.ErrTooBig):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, db.ErrOutcomeUnknown):
		return http.StatusGatewayTimeout // a write may have been applied
	case errors.Is(err, db.ErrBusy), errors.Is(err, db.ErrUnavailable):
		return http.StatusServiceUnavailable // nothing was applied, so the client may try again
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout
	case errors.Is(err, context.Canceled):
		return 499 // the client has gone, and reads no reply
	default:
		return http.StatusInternalServerError
	}
}

// Run serves until ctx ends, and then finishes the requests that run.
func Run(ctx context.Context, listener net.Listener) error {
	url, opts, err := db.FromEnv(".env")
	if err != nil {
		return err
	}
	pool, err := db.Open(ctx, url, opts...)
	if err != nil {
		return err
	}
	defer pool.Close() // after the last request
	if _, err := db.Migrate(ctx, pool, schema.FS); err != nil {
		return err
	}

	s := &server{pool, shopdb.New(db.Lean(pool))}
	web := &http.Server{
		Handler:           http.TimeoutHandler(s.handler(), 10*time.Second, "timeout"),
		ReadHeaderTimeout: 5 * time.Second,
	}
	done := make(chan error, 1)
	go func() { done <- web.Serve(listener) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done(): // signal.NotifyContext ends it at SIGTERM
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	return web.Shutdown(grace)
}
