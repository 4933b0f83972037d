// Dbgen runs the whole way from SQL to Go: sqlc, iterators for each :many, and the
// check that sqlc got every query right. It is for any project that has sqlc's
// configuration and a module that requires duolite:
//
//	go get -tool github.com/duolite/duolite/cmd/dbgen
//	go tool dbgen           # write the code
//	go tool dbgen --check   # fail if what is there isn't what would be written
//
// Nothing is written before everything has succeeded.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal ends the command in order; a second one ends the process.
	context.AfterFunc(ctx, stop)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	os.Exit(report(os.Stderr, err))
}
