package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/duolite/duolite/cmd/duolite/internal/doctor"
	"github.com/duolite/duolite/cmd/duolite/internal/gen"
	"github.com/duolite/duolite/cmd/duolite/internal/migrations"
	"github.com/duolite/duolite/cmd/duolite/internal/usage"
	"github.com/duolite/duolite/cmd/internal/output"
	"github.com/duolite/duolite/db"
	"github.com/spf13/cobra"
)

const doctorHelp = `duolite doctor looks for faults of a database, and says how to repair each. It only
reads, but it reads each row: a server may charge for that.

  integrity          damaged pages, indexes without rows, rows against a constraint, an
                     unfinished copy
  foreign-keys       rows without the row that they refer to
  objects            views and triggers that don't compile
  migrations         migrations that the database doesn't have
  schema             tables, indexes, views and triggers that differ from the migrations
  times              columns with times in forms that don't compare
  foreign-key-index  foreign keys without an index
  duplicate-index    indexes that another index replaces
  queries            queries of the project that don't compile, or read a whole large table
  unused-index       indexes that no query of the project uses
  settings           the file's journal mode, page size and encoding
  log                a large write-ahead log
  free-pages         much space that no row uses
  statistics         large tables without the statistics of ANALYZE
  token              a server's token that has expired, or expires soon

An error is damaged data or a statement that fails, a warning costs time or leads to
wrong results later, a note may be intended. The exit code is 1 if there is an error or a
warning. The queries are the ones of sqlc's configuration, if there is one here. If it
has entries for several databases, --dir names the folder of this one's schema.

` + databaseHelp

// A doctorCommand is the flags of duolite doctor.
type doctorCommand struct {
	database location
	dir      string
	config   string
	quick    bool
	json     bool
}

func newDoctorCommand() *cobra.Command {
	var d doctorCommand
	cmd := &cobra.Command{
		Use:   "doctor [URL]",
		Short: "Find faults of a database, with the remedy for each",
		Long:  doctorHelp,
		Args:  arguments(0, 1),
		RunE: func(cmd *cobra.Command, words []string) error {
			d.database.url = first(words)
			return d.run(cmd)
		},
	}
	d.database.addFlags(cmd, "")
	addDir(cmd, &d.dir)
	cmd.Flags().StringVarP(&d.config, "file", "f", "", "sqlc's configuration; default sqlc.yaml, sqlc.yml or sqlc.json here, if there is one")
	cmd.Flags().BoolVar(&d.quick, "quick", false, "don't compare indexes with their tables")
	cmd.Flags().BoolVar(&d.json, "json", false, "print JSON")
	return cmd
}

// A doctorReport is the report with the database.
type doctorReport struct {
	Database string    `json:"database"`
	Engine   db.Engine `json:"engine"`
	*doctor.Report
}

func (d *doctorCommand) run(cmd *cobra.Command) error {
	in := doctor.Input{Quick: d.quick}
	var err error
	if in.Migrations, err = optionalMigrations(d.dir); err != nil {
		return err
	}
	skipped, err := d.readQueries(&in)
	if err != nil {
		return err
	}
	report, err := d.examine(cmd.Context(), in)
	if err != nil {
		return err
	}
	report.Skipped = append(report.Skipped, skipped...)
	if d.json {
		encoder := output.NewEncoder(cmd.OutOrStdout())
		encoder.SetIndent("", "  ")
		err = encoder.Encode(report)
	} else {
		err = printReport(cmd.OutOrStdout(), report)
	}
	if err != nil {
		return err
	}
	return summarize(cmd.ErrOrStderr(), report)
}

// readQueries reads the queries of the project for this database. Without --file there needn't be any. It returns the queries for
// other databases as skipped.
func (d *doctorCommand) readQueries(in *doctor.Input) (skipped []doctor.Skipped, err error) {
	files, others, err := gen.QueryFiles(d.config, migrations.Folder(d.dir))
	var wrong usage.Error
	if errors.As(err, &wrong) && d.config == "" {
		in.NoQueries = wrong.Error()
		return nil, nil
	}
	if err == nil {
		in.Queries, err = doctor.ReadQueries(files)
	}
	for _, other := range others {
		skipped = append(skipped, doctor.Skipped{Check: "queries", Reason: other + " is for another database; --dir chooses it"})
	}
	return skipped, err
}

// examine opens the database and does the checks. A token that has expired, and a file that is no database, are
// findings.
func (d *doctorCommand) examine(ctx context.Context, in doctor.Input) (*doctorReport, error) {
	found, opts, err := d.database.resolve()
	if err != nil {
		return nil, err
	}
	report := &doctorReport{Database: db.Redact(found), Report: &doctor.Report{Skipped: []doctor.Skipped{}}}
	if report.Engine, err = db.EngineOf(found); err != nil {
		return nil, err
	}
	first := []doctor.Finding{} // [] in JSON, not null
	if report.Engine != db.SQLite {
		issued, expires, err := db.TokenLife(ctx, found, opts...)
		if err != nil {
			return nil, err
		}
		if f := doctor.Token(issued, expires, time.Now()); f != nil {
			first = append(first, *f)
		}
	}
	pool, engine, _, err := d.database.openWithEngine(ctx)
	switch {
	case err == nil:
		defer pool.Close()
	case errors.Is(err, db.ErrUnauthorized) && len(first) > 0:
		report.Findings = first
		return report, nil
	case errors.Is(err, db.ErrCorrupt), errors.Is(err, db.ErrNotADatabase):
		report.Findings = append(first, doctor.Unreadable(err))
		return report, nil
	default:
		return nil, err
	}
	in.Pool, in.Engine = pool, engine
	bar := output.Progress(int64(doctor.Number()), "checking")
	report.Report, err = doctor.Run(ctx, in, func(check string) {
		bar.Describe(check)
		_ = bar.Add(1)
	})
	_ = bar.Finish()
	if err != nil {
		return nil, err
	}
	report.Findings = append(first, report.Findings...)
	return report, nil
}

// printReport prints each finding in a line, with its remedy in the next one.
func printReport(w io.Writer, report *doctorReport) error {
	var b strings.Builder
	for _, f := range report.Findings {
		place := f.Check
		if f.Object != "" {
			place += "  " + f.Object
		}
		fmt.Fprintf(&b, "%-8s %s: %s\n", f.Severity, output.Line(place), output.Line(f.Problem))
		fmt.Fprintf(&b, "%-8s remedy: %s\n", "", output.Line(f.Remedy))
	}
	for _, s := range report.Skipped {
		fmt.Fprintf(&b, "%-8s %s: %s\n", "skipped", s.Check, output.Line(s.Reason))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// summarize says how many findings there are. Errors and warnings make an error of it.
func summarize(stderr io.Writer, report *doctorReport) error {
	errorCount, warnings, notes := report.Count(doctor.Error), report.Count(doctor.Warning), report.Count(doctor.Note)
	summary := fmt.Sprintf("errors: %d, warnings: %d, notes: %d; checks: %d", errorCount, warnings, notes, report.Checks)
	if errorCount+warnings > 0 {
		return usage.Findings{Summary: summary}
	}
	fmt.Fprintln(stderr, "duolite: "+summary)
	return nil
}
