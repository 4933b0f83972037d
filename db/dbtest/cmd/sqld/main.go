// Command sqld prints the path of a libSQL server's binary for use by tests. It installs the
// binary first if there is none. See the documentation of package dbtest for the places that
// it searches.
//
// It exits with status 1, and one line on standard error, if no server is available.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/duolite/duolite/db/dbtest"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	path, err := dbtest.InstallServer(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "sqld:", err)
		os.Exit(1)
	}
	fmt.Println(path)
}
