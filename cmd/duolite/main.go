// Duolite makes typed Go code from SQL, and looks after databases: SQLite files, and libSQL servers.
// duolite --help lists its verbs.
//
//	go get -tool github.com/duolite/duolite/cmd/duolite
//	go tool duolite gen     # write the code
//	go tool duolite check   # write nothing, and fail if a file would change
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
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	os.Exit(report(os.Stderr, err))
}
