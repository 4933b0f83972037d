package main

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/duolite/duolite/cmd/duolite/internal/project"
	"github.com/duolite/duolite/cmd/duolite/internal/usage"
	"github.com/spf13/cobra"
)

const newHelp = `duolite new writes a project into DIR, which must be empty, or not exist yet:

  schema/        the tables, as migrations
  queries/       the queries
  dbsqlc/        the Go code that duolite gen writes from both
  main.go, ...   a small web service that uses it, and its tests
  sqlc.yaml, Makefile, .github/workflows/ci.yml

It compiles, runs and passes its tests at once. The first test installs a libSQL
server through npm. Without npm, tests on servers are skipped.

The module path is the name of the folder, unless --module gives another. The project
requires the version of duolite that this command has. A command that was built from
a checkout has no version: it needs --replace, with the folder of the checkout, which
the project then uses.`

func newNewCommand() *cobra.Command {
	o := project.Options{Version: version()}
	cmd := &cobra.Command{
		Use:   "new DIR",
		Short: "Write a new project, which runs and passes its tests at once",
		Long:  newHelp,
		Args:  oneArgument("one folder"),
		RunE: func(cmd *cobra.Command, words []string) error {
			o.Dir = words[0]
			switch {
			case o.Replace != "":
				o.Version = "v0.0.0"
			case !isRelease(o.Version):
				return usage.Errorf("this duolite was built from a checkout, which has no version: give --replace with the folder of the checkout")
			}
			module, err := project.Create(cmd.Context(), o, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "wrote %s, the module %s\n\n  cd %s\n  go test ./...\n  go run .\n", o.Dir, module, shellWord(o.Dir))
			return err
		},
	}
	cmd.Flags().StringVar(&o.Module, "module", "", "the module path, such as example.com/app; default the name of the folder")
	cmd.Flags().StringVar(&o.Replace, "replace", "", "the folder of a checkout of duolite that the project uses in place of a version")
	_ = cmd.MarkFlagDirname("replace")
	return cmd
}

// isRelease reports whether a module with the version can be downloaded.
func isRelease(version string) bool {
	return strings.HasPrefix(version, "v") && !strings.Contains(version, "+dirty")
}

// shellWord returns a word as a shell reads it.
func shellWord(word string) string {
	if strings.ContainsFunc(word, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("/._:-", r)
	}) {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}
