package main

import (
	"github.com/duolite/duolite/cmd/duolite/internal/gen"
	"github.com/spf13/cobra"
)

const genHelp = `duolite gen writes Go code for a schema and its queries, as sqlc's configuration
(sqlc.yaml) says. It does these steps for the entries with the engine sqlite and
gen: go, and leaves all other entries alone:

  1. looks in the queries for mistakes that sqlc would make without a message
  2. runs sqlc vet, if there are rules, and sqlc generate
  3. writes an iterator for each :many: ListBooksSeq beside ListBooks
  4. compiles the code, and checks that every argument of each method reaches the
     placeholder that it was written for, in the schema that the migrations make

All steps run, and their findings are printed by file and line. A query that sqlc
refuses is left out of the steps behind it. Without findings the files are written,
and the generated files of queries that are gone are removed. Files written by hand
stay; they may have types that the generated code uses.

sqlc is the installed one if it has the version that the module requires (without a
requirement, v1.31.1), or else the module's tool, or else it is built.

With --server a libSQL server compiles each statement too. SQL that only SQLite
knows is then found, and SQL that only libSQL knows passes. Its database must be
empty, or have exactly this schema. The check doesn't change it. A token is read
from the environment variable DUOLITE_AUTH_TOKEN.

With --open-with IMPORTPATH.FUNC the check opens its databases with the options that
the function returns, so that it knows the program's functions (db.WithFunction),
extensions that the package imports, and temporary tables (db.WithAfterConnect).

A query with the comment -- db:dynamic is dynamic: package db leaves out the
conditions that the arguments decide before SQLite plans the query. duolite gen gives
its parameters types, takes parameters in ORDER BY, writes constants for the texts
that parameters are compared with, and compares each variant with the query. With
--dynamic all queries with such conditions are dynamic, except those with the
comment -- db:static. --plans shows the plan of each query and variant.`

func newGenCommand() *cobra.Command {
	var o gen.Options
	cmd := &cobra.Command{
		Use:   "gen",
		Short: "Write typed Go code for SQL queries, and check that it is right",
		Long:  genHelp,
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return gen.Run(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addGenFlags(cmd, &o)
	cmd.Flags().BoolVar(&o.Plans, "plans", false, "print SQLite's plan of each query, full scans with a *, and write nothing")
	return cmd
}

func newCheckCommand() *cobra.Command {
	o := gen.Options{Check: true}
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check that the generated code is right and up to date",
		Long: `duolite check does the steps of duolite gen, and writes nothing. A file that duolite gen
would change is a finding. It is for CI.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return gen.Run(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addGenFlags(cmd, &o)
	return cmd
}

// addGenFlags adds the flags that gen and check share.
func addGenFlags(cmd *cobra.Command, o *gen.Options) {
	cmd.Flags().StringVarP(&o.File, "file", "f", "", "sqlc's configuration; default sqlc.yaml, sqlc.yml or sqlc.json here")
	cmd.Flags().StringVar(&o.SQLC, "sqlc", "", "the command that runs sqlc, with its first arguments; default the sqlc of the module")
	cmd.Flags().BoolVar(&o.Dynamic, "dynamic", false, "treat all queries as dynamic, except those with the comment -- db:static")
	cmd.Flags().StringVar(&o.Server, "server", "", "the URL of a libSQL server that compiles each statement too")
	cmd.Flags().StringVar(&o.OpenWith, "open-with", "", "a func() []db.Option with which the check opens its databases, such as example.com/app/database.Options")
}
