package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/duolite/duolite/cmd/internal/output"
	"github.com/spf13/cobra"
)

const longHelp = `marks keeps bookmarks: in a SQLite file, or on a libSQL server (sqld, Turso).

The database is --db, else TURSO_DATABASE_URL, LIBSQL_URL or DATABASE_URL in the
environment, else one of these in the file .env here, else file:marks.db. A server's
token is TURSO_AUTH_TOKEN for the first of these URLs, LIBSQL_AUTH_TOKEN for the
second, JWT_TOKEN for the third, or else one whose own URL isn't set. It is looked for
where the URL is, and nowhere else: in the environment, or in .env. --db gets a
token of the environment whose own URL isn't set, or is the same.
A new database gets its tables with the first command.

Data goes to standard output, everything else to standard error. NO_COLOR turns
colour off, COLUMNS sets the width of tables.

Exit codes:
  0    done
  1    failed for another reason
  2    wrong usage: a command, flag or argument
  3    invalid input: a file or a value
  4    not found: a bookmark, tag, attachment or file
  5    the database can't be opened or reached, or its disk is full
  6    refused by the database: the token, or writing at all
  7    the database is busy with another program
  8    the database's schema is older or newer than this program's
  130  interrupted`

// app holds the flags that commands share.
type app struct {
	database string // --db
	format   string // --format
}

// run runs the command that the process's arguments name, and returns its exit code.
func run(ctx context.Context) int {
	started := false
	root := new(app).rootCmd()
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		err := cmd.ValidateFlagGroups()
		started = err == nil
		return err
	}
	cmd, err := root.ExecuteContextC(ctx)
	if err != nil && !started {
		err = badUsage("%w", err) // cobra's, about the arguments
	}
	return report(cmd.CommandPath(), err)
}

func (a *app) rootCmd() *cobra.Command {
	root := &cobra.Command{
		Use:           "marks",
		Short:         "Keep bookmarks in SQLite or libSQL",
		Long:          longHelp,
		Version:       version(),
		SilenceErrors: true, // run reports them
		SilenceUsage:  true,
	}
	root.SetVersionTemplate("marks {{.Version}}\n")
	root.PersistentFlags().StringVar(&a.database, "db", "", "the database: a path, or a URL such as libsql://HOST")
	root.AddCommand(
		a.addCmd(), a.importCmd(), a.exportCmd(),
		a.listCmd(), a.searchCmd(), a.showCmd(), a.visitCmd(),
		a.editCmd(), a.archiveCmd(), a.rmCmd(), a.tagCmd(),
		a.attachCmd(), a.detachCmd(), a.catCmd(),
		a.statsCmd(), a.statusCmd(), a.migrateCmd(),
	)
	return root
}

// group makes cmd a command that consists of subcommands alone.
func group(cmd *cobra.Command, subcommands ...*cobra.Command) *cobra.Command {
	cmd.AddCommand(subcommands...)
	cmd.Args = cobra.NoArgs // an argument is a misspelled subcommand
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	return cmd
}

// A choice is a flag that takes one of a few words.
type choice struct {
	value *string
	words []string
}

func (c choice) String() string { return *c.value }

func (c choice) Type() string { return "FORMAT" }

func (c choice) Set(s string) error {
	if !slices.Contains(c.words, s) {
		return fmt.Errorf("want %s", strings.Join(c.words, ", "))
	}
	*c.value = s
	return nil
}

// formatFlag adds the flag --format. The first word is its default.
func formatFlag(cmd *cobra.Command, value *string, words ...string) {
	*value = words[0]
	cmd.Flags().Var(choice{value, words}, "format", strings.Join(words, ", "))
	cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

// printer prints rows to standard output, as --format says.
func (a *app) printer() output.Printer { return output.New(os.Stdout, a.format) }

// say writes one line to standard error.
func say(format string, args ...any) {
	fmt.Fprintln(os.Stderr, output.Line(fmt.Sprintf(format, args...)))
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
