package main

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/duolite/duolite/cmd/marks/internal/output"
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

// run runs the program. Its parameters stand for the process, so that tests can call it.
func run(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) error {
	a := &app{env: newEnvironment(environ), stdin: stdin, stdout: stdout, stderr: stderr, format: output.Table}
	root := a.rootCmd()
	root.SetArgs(args)
	return root.ExecuteContext(ctx)
}

func (a *app) rootCmd() *cobra.Command {
	root := group(&cobra.Command{
		Use:           "marks",
		Short:         "Keep bookmarks in SQLite or libSQL",
		Long:          longHelp,
		Version:       version(),
		SilenceErrors: true, // main reports them
		SilenceUsage:  true,
	})
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetVersionTemplate("marks {{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if words := cmd.Flags().Args(); cmd.HasSubCommands() && len(words) > 0 {
			return cmd.RunE(cmd, words) // the name of the command is misspelled
		}
		return usageError{err.Error(), cmd.CommandPath()}
	})
	root.PersistentFlags().StringVar(&a.database, "db", "", "the database: a path, or a URL such as libsql://HOST")
	root.AddCommand(
		a.addCmd(), a.importCmd(), a.exportCmd(),
		a.listCmd(), a.searchCmd(), a.showCmd(), a.visitCmd(),
		a.editCmd(), a.archiveCmd(), a.rmCmd(), a.tagCmd(),
		a.attachCmd(), a.detachCmd(), a.catCmd(),
		a.statsCmd(), a.statusCmd(), a.migrateCmd(),
	)
	// cobra adds these commands when it runs, which is too late for checkArgs. They write
	// to the output that is set at this time.
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	if completion, _, err := root.Find([]string{"completion"}); err == nil {
		group(completion)
	}
	checkArgs(root)
	return root
}

// group makes cmd a command that consists of subcommands alone.
func group(cmd *cobra.Command) *cobra.Command {
	cmd.Args = cobra.ArbitraryArgs
	cmd.SuggestionsMinimumDistance = 2 // letters that differ; cobra sets its default too late
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		problem := fmt.Sprintf("unknown command %q", args[0])
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			problem += "; did you mean " + strings.Join(near, " or ") + "?"
		}
		return usageError{problem, cmd.CommandPath()}
	}
	return cmd
}

// checkArgs makes every command return a usageError for wrong arguments, and for flags that
// exclude each other.
func checkArgs(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			err := check(cmd, args)
			if err == nil {
				err = cmd.ValidateFlagGroups()
			}
			if err != nil {
				return usageError{err.Error(), cmd.CommandPath()}
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		checkArgs(sub)
	}
}

// formatFlag adds the flag --format to a command that prints rows.
func (a *app) formatFlag(cmd *cobra.Command) {
	cmd.Flags().Var(&a.format, "format", "table, json, ndjson or csv")
	names := make([]string, len(output.Formats))
	for i, format := range output.Formats {
		names[i] = string(format)
	}
	cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
