package doctor

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/duolite/duolite/cmd/duolite/internal/status"
)

const (
	// normalLog is the size up to which a log is normal: SQLite moves it into the file at 1,000 pages.
	normalLog = 16 * mib
	// largeLog is the size to which package db cuts a log.
	largeLog = 64 * mib
)

// log compares the part of the write-ahead log that isn't in the file yet with the file.
func (x *examination) log(ctx context.Context) error {
	var path string
	var pageSize int64
	err := x.Pool.QueryRowContext(ctx, `SELECT (SELECT coalesce(file, '') FROM pragma_database_list WHERE name = 'main'),
		(SELECT page_size FROM pragma_page_size)`).Scan(&path, &pageSize)
	if err != nil {
		return err
	}
	info, err := os.Stat(path + "-wal")
	if errors.Is(err, fs.ErrNotExist) { // also of a database in memory
		return nil
	}
	if err != nil {
		return err
	}
	file, err := os.Stat(path)
	if err != nil {
		return err
	}
	ahead, err := x.pagesAhead(ctx)
	if err != nil {
		return err
	}
	ahead *= pageSize
	switch {
	case ahead > largeLog, ahead > normalLog && ahead > file.Size():
		x.found(Warning, path+"-wal", "end long reads and idle transactions, then PRAGMA wal_checkpoint(TRUNCATE)",
			"the log has %s that aren't in the file of %s yet: an open read keeps SQLite from moving them, or nobody writes; each read searches them",
			status.Size(ahead), status.Size(file.Size()))
	case info.Size() > largeLog:
		x.found(Note, path+"-wal", "PRAGMA wal_checkpoint(TRUNCATE), and PRAGMA journal_size_limit in the program that writes; db.Open sets 64 MiB",
			"the log takes %s, whose content is in the file already", status.Size(info.Size()))
	}
	return nil
}

// pagesAhead returns the number of pages in a log that aren't in the file yet. NOOP moves none. A program may not read
// the log's index itself: closing the file would release the process's locks on it.
// https://sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
func (x *examination) pagesAhead(ctx context.Context) (int64, error) {
	var busy, pages, moved int64
	err := x.Pool.QueryRowContext(ctx, "PRAGMA wal_checkpoint(NOOP)").Scan(&busy, &pages, &moved)
	return max(pages-moved, 0), err
}
