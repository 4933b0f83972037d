// A web service that keeps notes in a SQLite file, or on a libSQL server.
package main

import (
	"context"
	"errors"
	"flag"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/duolite/duolite/cmd/duolite/internal/project/template/dbsqlc"
	"github.com/duolite/duolite/cmd/duolite/internal/project/template/schema"

	"github.com/duolite/duolite/db"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8000", "the address to listen on")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *listen); err != nil {
		log.Fatal(err)
	}
}

// run opens and migrates the database, and serves until ctx ends.
func run(ctx context.Context, listen string) error {
	// TURSO_DATABASE_URL, in the environment or in the file .env, names another database, also on a
	// server. TURSO_AUTH_TOKEN beside it is the server's token.
	env := db.Env{Files: []string{".env"}, Default: "file:notes.db"}
	url, opts, err := env.Resolve("")
	if err != nil {
		return err
	}
	pool, err := db.Open(ctx, url, opts...)
	if err != nil {
		return err
	}
	defer pool.Close()
	if _, err := db.Migrate(ctx, pool, schema.FS); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	log.Printf("serving %s on http://%s", db.Redact(url), listener.Addr())
	return serve(ctx, listener, routes(dbsqlc.New(pool)))
}

// serve answers requests until ctx ends. It then waits up to ten seconds for the requests that are
// running.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	stopped := make(chan error, 1)
	context.AfterFunc(ctx, func() {
		wait, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		stopped <- server.Shutdown(wait)
	})
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}
