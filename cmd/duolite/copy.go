package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/duolite/duolite/cmd/duolite/internal/usage"
	"github.com/duolite/duolite/cmd/internal/output"
	"github.com/duolite/duolite/db"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
)

const copyHelp = `duolite copy copies all of a database to another one, which is empty: a file to a
server, a server to a file, or between any two. Each is a path, which is created, or a
URL such as libsql://HOST.

Values, rowids, indexes, views, triggers and full-text search are the same afterwards:
at the end duolite copy reads both databases and compares them. FROM may be written
meanwhile; nobody should use TO.

If the copy is interrupted, the same command goes on where it was. If it is complete,
the same command compares the two and writes nothing.

A server's token is in the environment variable TURSO_AUTH_TOKEN, LIBSQL_AUTH_TOKEN
or JWT_TOKEN, or in a file that --from-token-file or --to-token-file names. If both are
servers, the environment's token is only for the server that TURSO_DATABASE_URL,
LIBSQL_URL or DATABASE_URL names there. If a server wants a token and there is none,
duolite asks for it on the terminal.`

// A copied says what was copied. Its fields are the output of --json.
type copied struct {
	From    string  `json:"from"`
	To      string  `json:"to"`
	Rows    int64   `json:"rows"`
	Seconds float64 `json:"seconds"`

	begun bool // something may be in TO
}

func newCopyCommand() *cobra.Command {
	var from, to location
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "copy FROM TO",
		Short: "Copy a database to another home: from a file to a server, or back",
		Long:  copyHelp,
		Args:  arguments(2, 2),
		RunE: func(cmd *cobra.Command, words []string) error {
			from.url, to.url = words[0], words[1]
			result, err := copyDatabase(cmd.Context(), &from, &to)
			if err != nil {
				if result != nil && result.begun && !errors.Is(err, db.ErrDiffers) {
					fmt.Fprintln(cmd.ErrOrStderr(), "duolite: the copy isn't complete; the same command goes on")
				}
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "duolite: copied %s to %s: %d rows, compared, in %.1f s\n",
				output.Line(result.From), output.Line(result.To), result.Rows, result.Seconds)
			if asJSON {
				return output.NewEncoder(cmd.OutOrStdout()).Encode(result)
			}
			return nil
		},
	}
	from.addFlags(cmd, "from-")
	to.addFlags(cmd, "to-")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	return cmd
}

// copyDatabase copies a database, and shows the progress.
func copyDatabase(ctx context.Context, from, to *location) (*copied, error) {
	if isSame(from.url, to.url) {
		return nil, usage.Errorf("FROM and TO are the same database: %s", db.Redact(from.url))
	}
	from.alone = isServer(from.url) && isServer(to.url)
	to.alone = from.alone
	start := time.Now()
	source, sourceName, err := from.openToRead(ctx)
	if err != nil {
		return nil, err
	}
	defer source.Close()
	_, missing := os.Stat(fileOf(to.url))
	target, targetName, err := to.open(ctx)
	if err != nil {
		return nil, err
	}
	defer target.Close()
	result := &copied{From: sourceName, To: targetName}
	show := copyProgress()
	err = db.Copy(ctx, source, target, db.WithCopyProgress(func(p db.CopyProgress) {
		result.begun = true
		result.Rows = max(result.Rows, p.Compared)
		show(p)
	}))
	result.Seconds = time.Since(start).Seconds()
	if err != nil && !result.begun && errors.Is(missing, fs.ErrNotExist) { // such as a function that only the program has
		target.Close()
		os.Remove(fileOf(to.url))
	}
	return result, err
}

func isServer(url string) bool {
	engine, err := db.EngineOf(url)
	return err == nil && engine != db.SQLite
}

// copyProgress returns a function that shows how many rows were copied and compared.
func copyProgress() func(db.CopyProgress) {
	var bar *progressbar.ProgressBar
	return func(p db.CopyProgress) {
		if bar == nil {
			bar = output.Progress(2*p.AllRows, "copying")
		}
		doing := "copying "
		if p.Compared > 0 {
			doing = "comparing "
		}
		bar.Describe(doing + output.Line(p.Table))
		_ = bar.Set64(p.Rows + p.Compared)
	}
}
