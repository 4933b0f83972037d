package localfile

import (
	"context"
	"errors"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
)

// The first copy of a database doesn't go through the log. Its pages are written at their places in
// the file, behind the end of the database, which has one page so far: no reader looks there, and
// after a crash the next first copy begins anew. When the disk has them, the log gets the first page
// with the position, and the last page, which moves the end of the database.
//
// A checkpoint would cut the file off at the end of the database. There is none as long as the log is
// empty, and nobody else can write to it during the transaction. If the log isn't empty, the first copy
// goes through it like any other change.

// clear prepares a file without a position for a first copy. It empties the log, and removes the pages
// that an earlier attempt has left behind the end of the database.
func (f *File) clear(ctx context.Context) error {
	if empty, err := f.logIsEmpty(); err != nil {
		return err
	} else if !empty {
		f.emptyLog(ctx)
	}
	if err := f.conn.Begin(ctx, engine.Write); err != nil {
		return err
	}
	if err := f.cutBehind(ctx); err != nil {
		return errors.Join(err, f.conn.Rollback(context.Background()))
	}
	return f.conn.Rollback(ctx)
}

// emptyLog empties the log, unless somebody reads it.
func (f *File) emptyLog(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_ = f.run(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
}

// cutBehind removes what is behind the end of a database of one page.
func (f *File) cutBehind(ctx context.Context) error {
	size, err := f.Size(ctx)
	if err != nil || size != 1 {
		return err
	}
	empty, err := f.logIsEmpty()
	if err != nil || !empty {
		return err
	}
	return f.raw.Truncate(PageSize)
}

// isFresh reports whether pages may be written behind the end of the database, which has size pages.
func (f *File) isFresh(size uint32) (bool, error) {
	if size != 1 {
		return false, nil
	}
	bytes, err := f.raw.Size()
	if err != nil || bytes != PageSize {
		return false, err
	}
	return f.logIsEmpty()
}

func (f *File) logIsEmpty() (bool, error) {
	size, err := f.raw.Log().Size()
	return size == 0, err
}

// putBehind writes a page behind the end of the database.
func (tx *Tx) putBehind(ctx context.Context, number uint32, data []byte) error {
	if number == lockPage {
		return errors.New("the primary has a page at the place of SQLite's locks")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return tx.file.raw.Write(data, int64(number-1)*PageSize)
}

// lockPage is the page at 1 GiB, whose bytes SQLite locks and no database uses.
const lockPage = 1<<30/PageSize + 1

// adopt makes the first size pages of the file the database.
func (tx *Tx) adopt(ctx context.Context, size uint32) error {
	raw := tx.file.raw
	if size < tx.size {
		if err := raw.Truncate(int64(size) * PageSize); err != nil {
			return err
		}
	}
	if err := raw.Sync(); err != nil || size == 1 {
		return err
	}
	last := make([]byte, PageSize)
	if err := raw.Read(last, int64(size-1)*PageSize); err != nil {
		return err
	}
	return tx.write(ctx, size, last)
}
