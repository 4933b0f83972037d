package backup

import (
	"bufio"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"github.com/duolite/duolite/db/internal/engine"
)

const (
	// sizes is answered in the transaction, so that it fits the pages.
	sizes    = "SELECT (SELECT page_count FROM pragma_page_count), (SELECT page_size FROM pragma_page_size)"
	hasPages = "SELECT 1 FROM pragma_module_list WHERE name = 'sqlite_dbpage'"
	// somePages reads pages ?1 to ?2. sqlite_dbpage finds a page by its number, and would read all pages for
	// a range.
	somePages = "WITH RECURSIVE n (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2) " +
		"SELECT i, data FROM n CROSS JOIN sqlite_dbpage AS p ON p.pgno = i"
	// partBytes is the size of the pages of one query. As JSON they are a third larger, and a server's reply may
	// have 10 MB.
	partBytes = 4 << 20
)

// writePages writes all pages, as they are in one read transaction, which ends also if progress panics.
func writePages(ctx context.Context, from engine.Conn, to io.Writer, progress func(written, all int64)) (err error) {
	if from.InTx() {
		return errors.New("a transaction is open on this connection; make a backup outside of it")
	}
	if err := from.Begin(ctx, engine.Read); err != nil {
		return err
	}
	defer func() {
		if rolledBack := from.Rollback(ctx); err == nil && rolledBack != nil {
			err = fmt.Errorf("ending the read transaction: %w", rolledBack)
		}
	}()
	count, size, err := readSizes(ctx, from)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(to, 1<<20)
	for first := int64(1); first <= count; {
		last := min(count, first+partBytes/size-1)
		if err := writePart(ctx, from, out, first, last, size); err != nil {
			return err
		}
		if progress != nil {
			progress(last*size, count*size)
		}
		first = last + 1
	}
	return out.Flush()
}

func readSizes(ctx context.Context, from engine.Conn) (count, size int64, err error) {
	err = engine.Query(ctx, from, sizes, nil, func(row []driver.Value) error {
		count, _ = row[0].(int64)
		size, _ = row[1].(int64)
		return nil
	})
	switch {
	case err != nil:
		return 0, 0, err
	case count < 0 || size < 512 || size > 65536:
		return 0, 0, fmt.Errorf("the database has %d pages of %d bytes, which can't be", count, size)
	}
	found := false
	err = engine.Query(ctx, from, hasPages, nil, func([]driver.Value) error { found = true; return nil })
	if err == nil && !found {
		err = ErrNoPages
	}
	return count, size, err
}

// writePart writes the pages first to last.
func writePart(ctx context.Context, from engine.Conn, to io.Writer, first, last, size int64) error {
	next := first
	err := engine.Query(ctx, from, somePages, []driver.Value{first, last}, func(row []driver.Value) error {
		page, _ := row[1].([]byte)
		if row[0] != next || int64(len(page)) != size {
			return errors.New("the database returned another page than the next one")
		}
		if next == 1 {
			asPlainFile(page)
		}
		next++
		_, err := to.Write(page)
		return err
	})
	if err == nil && next != last+1 {
		err = fmt.Errorf("the database returned no page %d", next)
	}
	return err
}

// asPlainFile changes the first page of a database with a write-ahead log, or of a replica, into the first page
// of a plain file: without a log, and without a replica's position in the bytes that the format reserves.
// https://sqlite.org/fileformat2.html#the_database_header
func asPlainFile(page []byte) {
	const (
		writeVersion, readVersion = 18, 19
		reservedAt, reservedEnd   = 72, 92
		noLog                     = 1
	)
	page[writeVersion], page[readVersion] = noLog, noLog
	clear(page[reservedAt:reservedEnd])
}
