// Dbgen makes Go code from SQL. It runs sqlc, writes an iterator for each :many query, and
// checks that the code does what the queries say. It works in any project that has sqlc's
// configuration and a module that requires duolite:
//
//	go get -tool github.com/duolite/duolite/cmd/dbgen
//	go tool dbgen           # write the code
//	go tool dbgen --check   # write nothing, and fail if a file would change
//
// It prints the findings of all steps, and writes files only if there are none. Files written by hand in the
// same folders stay as they are.
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
