// Package status describes a database.
package status

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/duolite/duolite/cmd/duolite/internal/catalog"
	"github.com/duolite/duolite/db"
)

const (
	// fileRows and serverRows limit the rows of a table that are counted. Counting reads them, and a server may
	// charge for that.
	fileRows   = 1_000_000
	serverRows = 10_000
)

// A Status describes a database.
type Status struct {
	Database string    `json:"database"` // without secrets
	Engine   db.Engine `json:"engine"`
	SQLite   string    `json:"sqlite"`
	// RoundTrip is the time of one small query, in nanoseconds.
	RoundTrip     time.Duration `json:"round_trip"`
	Bytes         int64         `json:"bytes"` // pages times page size
	LogBytes      *int64        `json:"log_bytes,omitempty"`
	PageSize      int64         `json:"page_size"`
	Pages         int64         `json:"pages"`
	FreePages     int64         `json:"free_pages"`
	JournalMode   string        `json:"journal_mode,omitempty"`
	Encoding      string        `json:"encoding"`
	ApplicationID int64         `json:"application_id"`
	UserVersion   int64         `json:"user_version"`
	Migrations    *Migrations   `json:"migrations,omitempty"`
	Replica       *Replica      `json:"replica,omitempty"`
	Tables        []Table       `json:"tables"`
}

// Migrations says which migrations of a folder the database has.
type Migrations struct {
	Applied []string `json:"applied"`
	Pending []string `json:"pending"`
	// Problem is the reason why the folder and the database don't match, or "".
	Problem string `json:"problem,omitempty"`
}

// A Replica says how far a replica has followed its server.
type Replica struct {
	Frames    uint64    `json:"frames"`
	Behind    uint64    `json:"behind"`
	Committed time.Time `json:"committed,omitzero"`
	Problem   string    `json:"problem,omitempty"`
}

// A Table is a table of the program. Virtual tables are left out.
type Table struct {
	Name string `json:"name"`
	Rows int64  `json:"rows"`
	// Exact: Rows is the number of rows. Otherwise it is ANALYZE's, or, with AtLeast, the number up to which they were
	// counted.
	Exact   bool `json:"exact"`
	AtLeast bool `json:"at_least,omitempty"`
}

// Read describes a database. files are its migrations, or nil.
func Read(ctx context.Context, pool *sql.DB, engine db.Engine, files fs.FS) (*Status, error) {
	s := &Status{Engine: engine}
	steps := []func(context.Context, *sql.DB) error{s.readSettings, s.readTables}
	if engine == db.SQLite {
		steps = append(steps, s.readLog)
	}
	if engine == db.LibSQLReplica {
		steps = append(steps, s.readReplica)
	}
	for _, step := range steps {
		if err := step(ctx, pool); err != nil {
			return nil, err
		}
	}
	if files != nil {
		s.Migrations = readMigrations(ctx, pool, files)
	}
	return s, ctx.Err()
}

func (s *Status) readSettings(ctx context.Context, pool *sql.DB) error {
	start := time.Now()
	if err := pool.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&s.SQLite); err != nil {
		return err
	}
	s.RoundTrip = time.Since(start)
	err := pool.QueryRowContext(ctx, `SELECT (SELECT page_size FROM pragma_page_size), (SELECT page_count FROM pragma_page_count),
		(SELECT freelist_count FROM pragma_freelist_count), (SELECT encoding FROM pragma_encoding),
		(SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version)`).
		Scan(&s.PageSize, &s.Pages, &s.FreePages, &s.Encoding, &s.ApplicationID, &s.UserVersion)
	s.Bytes = s.PageSize * s.Pages
	return err
}

// readLog reads the journal mode of a file, and the size of its write-ahead log.
func (s *Status) readLog(ctx context.Context, pool *sql.DB) error {
	var path string
	err := pool.QueryRowContext(ctx, `SELECT (SELECT journal_mode FROM pragma_journal_mode),
		(SELECT coalesce(file, '') FROM pragma_database_list WHERE name = 'main')`).Scan(&s.JournalMode, &path)
	if err != nil || path == "" || s.JournalMode != "wal" {
		return err
	}
	var size int64
	info, err := os.Stat(path + "-wal")
	switch {
	case err == nil:
		size = info.Size()
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	s.LogBytes = &size
	return nil
}

func (s *Status) readReplica(ctx context.Context, pool *sql.DB) error {
	state, err := db.Sync(ctx, pool)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	s.Replica = &Replica{Frames: state.Frames, Behind: state.Behind, Committed: state.Committed}
	if err == nil {
		err = state.Err
	}
	if err != nil {
		s.Replica.Problem = err.Error()
	}
	return nil
}

// readTables counts the rows of each table, up to a limit. Beyond it the number is ANALYZE's.
func (s *Status) readTables(ctx context.Context, pool *sql.DB) error {
	tables, err := catalog.Read(ctx, pool)
	if err != nil {
		return err
	}
	limit := int64(fileRows)
	if s.Engine == db.LibSQL {
		limit = serverRows
	}
	counts, err := catalog.Rows(ctx, pool, tables, limit)
	if err != nil {
		return err
	}
	estimates, err := catalog.Estimates(ctx, pool)
	if err != nil {
		return err
	}
	s.Tables = []Table{}
	for _, t := range tables {
		if t.Virtual {
			continue
		}
		one := Table{Name: t.Name, Rows: counts[t.Name], Exact: true}
		if one.Rows > limit {
			one.Exact = false
			if one.Rows = estimates[t.Name]; one.Rows <= limit {
				one.Rows, one.AtLeast = limit, true
			}
		}
		s.Tables = append(s.Tables, one)
	}
	return nil
}

func readMigrations(ctx context.Context, pool *sql.DB, files fs.FS) *Migrations {
	m := &Migrations{Applied: []string{}, Pending: []string{}}
	all, err := db.MigrationStatus(ctx, pool, files)
	if err != nil {
		m.Problem = err.Error()
		return m
	}
	for _, one := range all {
		if one.Applied {
			m.Applied = append(m.Applied, one.Name)
		} else {
			m.Pending = append(m.Pending, one.Name)
		}
	}
	return m
}
