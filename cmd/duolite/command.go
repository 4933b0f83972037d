package main

import (
	"context"
	"io"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/duolite/duolite/cmd/duolite/internal/usage"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const rootHelp = `duolite makes typed Go code from SQL, and looks after databases: SQLite files, and
libSQL servers (sqld, Turso).

Exit codes:
  0    done
  1    an error, or findings
  2    wrong usage: a flag, an argument, a configuration
  130  interrupted`

// run is the program: main without the process around it.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	if slices.ContainsFunc(args, hasToken) { // before any message that repeats an argument
		return usage.Errorf("other users of the machine can see a token in an argument: put it into the environment or a file, as --help says")
	}
	cmd := newRootCommand()
	cmd.SetArgs(args)
	cmd.SetIn(stdin)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	return cmd.ExecuteContext(ctx)
}

func newRootCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "duolite",
		Short:         "Typed Go code from SQL, and care for SQLite files and libSQL servers",
		Long:          rootHelp,
		Version:       version(),
		Args:          noArguments,
		SilenceErrors: true, // main reports them
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return checkFlags(cmd)
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmd.Help()
		},
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage.Errorf("%v (see %s --help)", err, cmd.CommandPath())
	})
	cmd.AddCommand(
		newNewCommand(), newGenCommand(), newCheckCommand(),
		newMigrateCommand(), newStatusCommand(), newDoctorCommand(), newSchemaCommand(),
		newCopyCommand(), newBackupCommand(), newRestoreCommand(),
	)
	return cmd
}

// checkFlags refuses flags with an empty value, which a shell makes of a variable that isn't set. Otherwise --db "$STAGING" would be
// the database of the environment.
func checkFlags(cmd *cobra.Command) (err error) {
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if flag.Value.Type() == "string" && flag.Value.String() == "" {
			err = usage.Errorf("--%s is empty: give it a value, or leave it out", flag.Name)
		}
	})
	return err
}

// noArguments refuses arguments that aren't flags.
func noArguments(cmd *cobra.Command, words []string) error {
	if len(words) > 0 {
		return usage.Errorf("unexpected argument %q (see %s --help)", words[0], cmd.CommandPath())
	}
	return nil
}

// arguments allows from least to most arguments that aren't flags. As with flags, none may be empty.
func arguments(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, words []string) error {
		switch {
		case len(words) < least:
			return usage.Errorf("an argument is missing: want %s", cmd.UseLine())
		case len(words) > most:
			return usage.Errorf("unexpected argument %q: want %s", words[most], cmd.UseLine())
		case slices.ContainsFunc(words, func(word string) bool { return strings.TrimSpace(word) == "" }):
			return usage.Errorf("an argument is empty: want %s", cmd.UseLine())
		}
		return nil
	}
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
