// Command dbcheck reads folders of queries before sqlc does, and says what sqlc would
// stop at, leave out, or make code of that doesn't compile:
//
//	go run github.com/duolite/duolite/db/dbcheck/cmd/dbcheck queries
//
// It exits 1 if it found something, and 2 if it couldn't read. What sqlc makes of the
// queries is the business of [github.com/duolite/duolite/db/dbcheck.Queries].
package main

import (
	"fmt"
	"io"
	"os"
	"path"

	"github.com/duolite/duolite/db/dbcheck"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stderr))
}

func run(folders []string, stderr io.Writer) int {
	if len(folders) == 0 {
		fmt.Fprintln(stderr, "usage: dbcheck FOLDER...; want the folders that sqlc.yaml names as queries")
		return 2
	}
	code := 0
	for _, folder := range folders {
		findings, err := dbcheck.Source(os.DirFS(folder))
		if err != nil {
			fmt.Fprintln(stderr, err)
			return 2
		}
		for _, f := range findings {
			f.File = path.Join(folder, f.File)
			fmt.Fprintf(stderr, "%s (%s)\n", f, f.Rule)
			code = 1
		}
	}
	return code
}
