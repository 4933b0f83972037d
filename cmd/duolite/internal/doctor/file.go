package doctor

import (
	"context"
	"database/sql"
	"errors"

	"github.com/duolite/duolite/cmd/duolite/internal/status"
)

const mib = 1 << 20

// pragma reads a number.
func (x *examination) pragma(ctx context.Context, name string) (n int64, err error) {
	err = x.Pool.QueryRowContext(ctx, "SELECT "+name+" FROM pragma_"+name).Scan(&n)
	return n, err
}

// settings looks at the settings that a file keeps.
func (x *examination) settings(ctx context.Context) error {
	var mode, encoding string
	var pageSize, autoVacuum int64
	err := x.Pool.QueryRowContext(ctx, `SELECT (SELECT journal_mode FROM pragma_journal_mode), (SELECT encoding FROM pragma_encoding),
		(SELECT page_size FROM pragma_page_size), (SELECT auto_vacuum FROM pragma_auto_vacuum)`).Scan(&mode, &encoding, &pageSize, &autoVacuum)
	if err != nil {
		return err
	}
	if mode != "wal" {
		x.found(Note, "journal_mode", "none, for a program that opens the file by db.Open, which turns WAL on, or that only reads it; otherwise PRAGMA journal_mode = WAL",
			"is %s: readers wait for a writer, and it for them", mode)
	}
	if autoVacuum == 1 {
		x.found(Note, "auto_vacuum", "PRAGMA auto_vacuum = NONE; VACUUM", "is FULL: each commit that frees pages moves others, which costs time and scatters tables")
	}
	if pageSize < 4096 || pageSize > 16384 {
		x.found(Note, "page_size", "PRAGMA journal_mode = DELETE; PRAGMA page_size = 4096; VACUUM; PRAGMA journal_mode = WAL",
			"is %d bytes, and 4096 is the default: small pages make deep tables, large ones make each small write large", pageSize)
	}
	if encoding != "UTF-8" {
		x.found(Note, "encoding", "copy the rows to a new database, whose encoding is UTF-8", "is %s: each text is converted when it is read and written", encoding)
	}
	return x.schemaFormat(ctx)
}

// schemaFormat reads the number at byte 44 of the file. https://sqlite.org/fileformat2.html#schema_format_number
func (x *examination) schemaFormat(ctx context.Context) error {
	var page []byte
	err := x.Pool.QueryRowContext(ctx, "SELECT data FROM sqlite_dbpage WHERE pgno = 1").Scan(&page)
	if errors.Is(err, sql.ErrNoRows) { // nothing was ever written
		return nil
	}
	if err != nil || len(page) < 48 {
		return err
	}
	if format := page[47]; format > 0 && format < 4 {
		x.found(Note, "schema format", "VACUUM", "is %d, of SQLite before 3.3: DESC in an index is ignored, and a boolean takes a byte more", format)
	}
	return nil
}

// freePages looks for space that no row uses.
func (x *examination) freePages(ctx context.Context) error {
	pages, err := x.pragma(ctx, "page_count")
	if err != nil {
		return err
	}
	free, err := x.pragma(ctx, "freelist_count")
	if err != nil {
		return err
	}
	size, err := x.pragma(ctx, "page_size")
	if err != nil || free*size < mib || free*4 < pages {
		return err
	}
	severity := Note
	if free*2 > pages && free*size >= 16*mib {
		severity = Warning
	}
	x.found(severity, "", "VACUUM, if the database won't grow again soon; it needs as much space again",
		"%d of %d pages are free (%s of %s): new rows use them, and the file, its backups and copies don't get smaller",
		free, pages, status.Size(free*size), status.Size(pages*size))
	return nil
}
