package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/duolite/duolite/cmd/duolite/internal/usage"
	"github.com/duolite/duolite/cmd/internal/output"
	"github.com/duolite/duolite/db"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
)

const backupHelp = `duolite backup writes a database to a new file while programs use it: a file, or a
server that has SQLite's table sqlite_dbpage, as sqld has. (Of another server make
a copy: duolite copy URL FILE.)

The file is the database at one moment. It gets its name at the end, after it has
passed PRAGMA integrity_check, and only its owner can read it. If the backup fails
or is interrupted, nothing is left.

`

// A written says which file backup and restore have written. Its fields are the output of --json.
type written struct {
	From    string  `json:"from"`
	File    string  `json:"file"`
	Bytes   int64   `json:"bytes"`
	Seconds float64 `json:"seconds"`
}

// backupFlags are the flags that backup and restore share.
type backupFlags struct {
	replace, noCheck, json bool
}

func (f *backupFlags) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.replace, "replace", false, "replace the file at PATH, if there is one")
	cmd.Flags().BoolVar(&f.noCheck, "no-check", false, "leave out the integrity check, which takes most of the time")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the result as JSON")
}

// write runs do, which writes path with the options, and prints the result. verb is "backed up" or the like.
func (f *backupFlags) write(cmd *cobra.Command, verb, from, path string, do func(...db.BackupOption) error) error {
	opts := []db.BackupOption{db.WithBackupProgress(byteProgress("writing"))}
	if f.replace {
		opts = append(opts, db.WithReplace())
	}
	if f.noCheck {
		opts = append(opts, db.WithoutIntegrityCheck())
	}
	start := time.Now()
	err := do(opts...)
	switch {
	case errors.Is(err, fs.ErrExist) && !f.replace:
		return fmt.Errorf("%w (--replace allows it)", err)
	case err != nil:
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	result := written{from, path, info.Size(), time.Since(start).Seconds()}
	fmt.Fprintf(cmd.ErrOrStderr(), "duolite: %s %s to %s: %d bytes in %.1f s\n", verb, output.Line(from), output.Line(path), result.Bytes, result.Seconds)
	if f.json {
		return output.NewEncoder(cmd.OutOrStdout()).Encode(result)
	}
	return nil
}

// byteProgress returns a function that shows how many bytes of all are done.
func byteProgress(description string) func(done, all int64) {
	var bar *progressbar.ProgressBar
	return func(done, all int64) {
		if bar == nil {
			bar = output.Progress(all, description, progressbar.OptionShowBytes(true))
		}
		_ = bar.Set64(done)
	}
}

// checkPaths refuses URLs in the place of paths.
func checkPaths(paths ...string) error {
	for _, path := range paths {
		if strings.Contains(path, "://") || strings.HasPrefix(strings.ToLower(path), "file:") {
			return usage.Errorf("%s is a URL; want the path of a file (duolite copy copies a database to a URL)", db.Redact(path))
		}
	}
	return nil
}

func newBackupCommand() *cobra.Command {
	var from location
	var flags backupFlags
	cmd := &cobra.Command{
		Use:   "backup [URL] PATH",
		Short: "Write a database to a new file while programs use it",
		Long:  backupHelp + databaseHelp,
		Args:  arguments(1, 2),
		RunE: func(cmd *cobra.Command, words []string) error {
			path := words[len(words)-1]
			if err := checkPaths(path); err != nil {
				return err
			}
			if len(words) == 2 {
				from.url = words[0]
			}
			pool, shown, err := from.openToRead(cmd.Context())
			if err != nil {
				return err
			}
			defer pool.Close()
			return flags.write(cmd, "backed up", shown, path, func(opts ...db.BackupOption) error {
				err := db.Backup(cmd.Context(), pool, path, opts...)
				if errors.Is(err, db.ErrNoPages) {
					return fmt.Errorf("%s doesn't have SQLite's table sqlite_dbpage, from which a backup is read; make a copy: duolite copy %s %s",
						shown, shellWord(shown), shellWord(path))
				}
				return err
			})
		},
	}
	from.addFlags(cmd, "")
	flags.add(cmd)
	return cmd
}

func newRestoreCommand() *cobra.Command {
	var flags backupFlags
	cmd := &cobra.Command{
		Use:   "restore FILE PATH",
		Short: "Put a backup, or any SQLite file, in the place of a database",
		Long: `duolite restore writes the database in FILE to a new file at PATH. FILE is read and
checked completely before anything changes at PATH. It may be in use.

With --replace the new file takes the place of a database at PATH and of its log. If
that database is open in a program, duolite restore fails, and nothing changes. To
bring a backup to a server use duolite copy FILE URL.`,
		Args: arguments(2, 2),
		RunE: func(cmd *cobra.Command, words []string) error {
			from, path := words[0], words[1]
			if err := checkPaths(words...); err != nil {
				return err
			}
			if _, err := os.Stat(from); errors.Is(err, fs.ErrNotExist) {
				return usage.Errorf("%s: %v", from, fs.ErrNotExist)
			}
			return flags.write(cmd, "restored", from, path, func(opts ...db.BackupOption) error {
				return db.Restore(cmd.Context(), from, path, opts...)
			})
		},
	}
	flags.add(cmd)
	return cmd
}
