package localfile

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite"
	"github.com/duolite/duolite/internal/sqltext"
)

// PageSize is the size of a page in bytes. libSQL servers have no other.
const PageSize = 4096

// busyTimeout is how long a transaction waits for another process that writes the same file.
const busyTimeout = 30 * time.Second

// A File is the file of a replica, opened for replication. It is used by one goroutine at a time.
type File struct {
	path     string // as the user wrote it
	real     string // without links
	database engine.Database
	conn     engine.Conn
	raw      sqlite.Raw
	stmts    [statements]engine.Stmt
}

// The statements of a File.
const (
	readPage = iota
	samePage
	writePage
	countObjects
	pageCount
	statements // the number of them
)

// sqlite_dbpage is a virtual table of a database's pages. https://sqlite.org/dbpage.html
var texts = [statements]sqltext.Statement{
	{Text: "SELECT data FROM sqlite_dbpage WHERE pgno = ?", Kind: sqltext.Read, Params: []string{""}},
	{Text: "SELECT data = ?2 FROM sqlite_dbpage WHERE pgno = ?1", Kind: sqltext.Read, Params: []string{"?1", "?2"}},
	{Text: "INSERT INTO sqlite_dbpage (pgno, data) VALUES (?, ?)", Kind: sqltext.Other, Params: []string{"", ""}},
	{Text: "SELECT count(*) FROM sqlite_schema", Kind: sqltext.Read},
	{Text: "PRAGMA page_count", Kind: sqltext.Read},
}

// Open opens the file, and creates it if it doesn't exist. It fails if the file is a database that
// isn't a replica.
func Open(ctx context.Context, cfg sqlite.Config) (*File, error) {
	cfg.Mode, cfg.Replica, cfg.BusyTimeout = sqlite.ReadWriteCreate, true, busyTimeout
	f := &File{path: cfg.Path, database: sqlite.New(cfg)}
	if err := f.open(ctx); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (f *File) open(ctx context.Context) (err error) {
	if f.conn, err = f.database.Connect(ctx); err != nil {
		return err
	}
	f.raw = sqlite.RawOf(f.conn)
	if f.real, err = realPath(f.path); err != nil {
		return err
	}
	for i := range texts {
		if f.stmts[i], err = f.conn.Prepare(ctx, &texts[i]); err != nil {
			return err
		}
	}
	_, has, err := f.Position(ctx)
	if err != nil || has {
		return err
	}
	objects, err := f.value(ctx, countObjects)
	if err == nil && objects != int64(0) {
		err = &sqlite.FileError{Path: f.path, Problem: "is a database of its own, and not a replica of a server; give the replica another path, or remove the file"}
	}
	return err
}

// Close closes the file. It rolls back an open transaction.
func (f *File) Close() error {
	var err error
	if f.conn != nil {
		err = f.conn.Close()
	}
	return errors.Join(err, f.database.Close())
}

// Interrupt ends a running call, which fails with [engine.ErrClosed]. It may be called at any time.
func (f *File) Interrupt() { f.database.Interrupt() }

// Position returns the position of the file. ok is false if nothing has been replicated yet.
func (f *File) Position(ctx context.Context) (pos Position, ok bool, err error) {
	page, err := f.firstPage(ctx)
	if err != nil {
		return Position{}, false, err
	}
	pos, ok = readPosition(page)
	pos, err = f.findRevision(pos)
	return pos, ok, err
}

// firstPage returns the first page. There is one, since turning the log on writes it.
func (f *File) firstPage(ctx context.Context) ([]byte, error) {
	value, err := f.value(ctx, readPage, int64(1))
	page, _ := value.([]byte)
	if err == nil && len(page) != PageSize {
		err = &sqlite.FileError{Path: f.path, Problem: fmt.Sprintf("has pages of %d bytes, and a replica has %d; remove the file", len(page), PageSize)}
	}
	return page, err
}

// value returns the first value of a statement's first row, or nil.
func (f *File) value(ctx context.Context, statement int, args ...driver.Value) (driver.Value, error) {
	rows, err := f.stmts[statement].Query(ctx, args)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	row := make([]driver.Value, 1)
	if err := rows.Next(row); err != nil && err != io.EOF {
		return nil, err
	}
	return row[0], nil
}

// run runs a statement that isn't kept compiled.
func (f *File) run(ctx context.Context, text string) error {
	_, err := f.conn.ExecAll(ctx, []sqltext.Statement{{Text: text, Kind: sqltext.Pragma}})
	return err
}
