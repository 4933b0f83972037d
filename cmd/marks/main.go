// Marks keeps bookmarks in a SQLite file, or on a libSQL server that several machines
// share. It is duolite's example program, and it is meant for daily use.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal cancels the command's context. A second one ends the process.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx))
}
