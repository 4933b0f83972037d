package main

import (
	"context"
	"io"
	"runtime/debug"

	"github.com/spf13/cobra"
)

const longHelp = `dbgen writes Go code for a schema and its queries, as sqlc's configuration
(sqlc.yaml) says. It does these steps for the entries with the engine sqlite and
gen: go, and leaves all other entries alone:

  1. looks in the queries for mistakes that sqlc would make without a message
  2. runs sqlc vet, if there are rules, and sqlc generate
  3. writes an iterator for each :many: ListBooksSeq beside ListBooks
  4. compiles the code, and checks that every argument of each method reaches the
     placeholder that it was written for, in the schema that the migrations make

All steps run, and their findings are printed by file and line. A query that sqlc
refuses is left out of the steps behind it. Without findings dbgen writes the files,
and removes the generated files of queries that are gone. Files written by hand stay;
they may have types that the generated code uses. With --check it writes nothing, and
a file that would change is a finding.

sqlc is the installed one if it has the version that the module requires (without a
requirement, v1.31.1), or else the module's tool, or else it is built.

With --server a libSQL server compiles each statement too. SQL that only SQLite
knows is then found, and SQL that only libSQL knows passes. Its database must be
empty, or have exactly this schema. The check doesn't change it. A token is read
from the environment variable DBGEN_AUTH_TOKEN.

With --open-with IMPORTPATH.FUNC the check opens its databases with the options that
the function returns, so that it knows the program's functions (db.WithFunction),
extensions that the package imports, and temporary tables (db.WithAfterConnect).

A query with the comment -- db:dynamic is dynamic: package db leaves out the
conditions that the arguments decide before SQLite plans the query. dbgen gives
its parameters types, takes parameters in ORDER BY, writes constants for the texts
that parameters are compared with, and compares each variant with the query. With
--dynamic all queries with such conditions are dynamic, except those with the
comment -- db:static. --plans shows the plan of each query and variant.

Exit codes:
  0    done
  1    findings, or with --check files that would change
  2    wrong usage: a flag, sqlc's configuration, no sqlc, a module without duolite
  130  interrupted`

// options are the options of the command line.
type options struct {
	file  string // sqlc's configuration, or ""
	sqlc  string
	check bool
	// dynamic: each query with conditions that its arguments decide is dynamic.
	dynamic bool
	// plans: print the plans of the queries, and write nothing.
	plans bool
	// server is the URL of a libSQL server that compiles each statement too, or "".
	server string
	// openWith is IMPORTPATH.FUNC, a func() []db.Option with the options of the check's databases, or "".
	openWith string
}

// run is the program: main without the process around it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o options
	cmd := &cobra.Command{
		Use:           "dbgen",
		Short:         "Write typed Go code for SQL, and check that it is right",
		Long:          longHelp,
		Version:       version(),
		Args:          cobra.ArbitraryArgs,
		SilenceErrors: true, // main reports them
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, words []string) error {
			if len(words) > 0 {
				return badUsage("unexpected argument %q (see dbgen --help)", words[0])
			}
			return generate(cmd.Context(), o, stdout, stderr)
		},
	}
	cmd.SetArgs(args)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return badUsage("%v (see dbgen --help)", err)
	})
	cmd.Flags().StringVarP(&o.file, "file", "f", "", "sqlc's configuration; default sqlc.yaml, sqlc.yml or sqlc.json here")
	cmd.Flags().StringVar(&o.sqlc, "sqlc", "", "the command that runs sqlc, with its first arguments; default the sqlc of the module")
	cmd.Flags().BoolVar(&o.check, "check", false, "write nothing, and fail if there would be anything to write")
	cmd.Flags().BoolVar(&o.plans, "plans", false, "print SQLite's plan of each query, full scans with a *, and write nothing")
	cmd.Flags().BoolVar(&o.dynamic, "dynamic", false, "treat all queries as dynamic, except those with the comment -- db:static")
	cmd.Flags().StringVar(&o.server, "server", "", "the URL of a libSQL server that compiles each statement too")
	cmd.Flags().StringVar(&o.openWith, "open-with", "", "a func() []db.Option with which the check opens its databases, such as example.com/app/database.Options")
	return cmd.ExecuteContext(ctx)
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
