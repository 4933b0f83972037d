package localfile

import (
	"bytes"
	"context"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite/filevfs"
)

// The places of numbers in the first page. https://sqlite.org/fileformat2.html, section 1.3
const (
	versionsAt      = 18 // write version and read version
	schemaVersionAt = 40
	readWAL         = 2
)

// ErrMoved is the error of Begin if another process has replicated to the file meanwhile.
var ErrMoved = errors.New("another process has written the replica")

// A Tx replaces pages of the file.
type Tx struct {
	file *File
	// Compare writes only pages that differ, for a primary with a new history and mostly the same
	// pages. The pages are compared with the file's.
	Compare bool

	// fresh: the pages are written behind the end of the database; see fresh.go.
	fresh bool
	old   []byte   // the first page before the transaction
	first []byte   // the first page that was put, or nil
	at    Position // before the transaction
	size  uint32   // the size before the transaction, or the largest number of a page that was put
}

// Begin begins a transaction at a position; ok is as Position has returned it. It fails with ErrMoved if
// the file has another position. Commit or Rollback ends the transaction.
func (f *File) Begin(ctx context.Context, at Position, ok bool) (*Tx, error) {
	if !ok {
		if err := f.clear(ctx); err != nil {
			return nil, err
		}
	}
	if err := f.conn.Begin(ctx, engine.Write); err != nil {
		return nil, err
	}
	tx := &Tx{file: f, at: at}
	err := tx.readFirst(ctx, ok)
	if err == nil && !ok {
		tx.fresh, err = f.isFresh(tx.size)
	}
	if err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	return tx, nil
}

func (tx *Tx) readFirst(ctx context.Context, has bool) (err error) {
	if tx.old, err = tx.file.firstPage(ctx); err != nil {
		return err
	}
	at := tx.at
	at.Revision = "" // its hash is compared
	if is, ok := readPosition(tx.old); is != at || ok != has {
		return ErrMoved
	}
	tx.size, err = tx.file.Size(ctx)
	return err
}

// Clear empties the database, for a primary without pages. Commit then gets the size 1.
func (tx *Tx) Clear() { tx.first = emptyPage(tx.old) }

// Put replaces a page, or adds it. Pages may come in any order, and more than once: the last one
// remains. data is the caller's afterwards.
func (tx *Tx) Put(ctx context.Context, number uint32, data []byte) error {
	switch {
	case len(data) != PageSize:
		return fmt.Errorf("page %d has %d bytes, want %d", number, len(data), PageSize)
	case number == 1 && !hasRoom(data):
		return errors.New("the primary's first page uses bytes that the file format reserves, so a replica can't keep its position there")
	case number == 1:
		tx.first = append(tx.first[:0], data...)
		return nil
	}
	if tx.Compare {
		same, err := tx.file.value(ctx, samePage, int64(number), data)
		if err != nil || same == int64(1) {
			return err
		}
	}
	tx.size = max(tx.size, number)
	if tx.fresh {
		return tx.putBehind(ctx, number, data)
	}
	return tx.write(ctx, number, data)
}

func (tx *Tx) write(ctx context.Context, number uint32, data driver.Value) error {
	_, err := tx.file.stmts[writePage].Exec(ctx, []driver.Value{int64(number), data})
	return err
}

// Commit ends the transaction. The database then has size pages, and the file the position.
func (tx *Tx) Commit(ctx context.Context, size uint32, pos Position) error {
	err := tx.finish(ctx, size, pos)
	if err == nil {
		err = tx.file.keepRevision(tx.at, pos)
	}
	if err == nil {
		err = tx.file.conn.Commit(ctx)
	}
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.file.forget(ctx)
}

// Rollback ends the transaction without an effect. It does nothing after the transaction's end.
func (tx *Tx) Rollback() error {
	if !tx.file.conn.InTx() {
		return nil
	}
	ctx := context.Background()
	var err error
	if tx.fresh {
		err = tx.file.raw.Truncate(PageSize)
	}
	return errors.Join(err, tx.file.conn.Rollback(ctx), tx.file.forget(ctx))
}

// forget drops the connection's cached pages. sqlite_dbpage writes pages under SQLite's b-trees, which
// would go on with the pages that they have read before.
func (f *File) forget(ctx context.Context) error { return f.run(ctx, "PRAGMA shrink_memory") }

// finish writes what depends on the whole transaction: the first page, the size, and the version of
// the schema, in this order. A page that is written after the size would undo it. After the version no
// statement runs, since none was compiled for the new schema.
func (tx *Tx) finish(ctx context.Context, size uint32, pos Position) error {
	page := tx.first
	switch {
	case page == nil && pos.Epoch != tx.at.Epoch:
		return errors.New("the pages of another history don't have the first page")
	case page == nil:
		page = bytes.Clone(tx.old)
	}
	before := binary.BigEndian.Uint32(tx.old[schemaVersionAt:])
	after := before
	if tx.first != nil {
		after = pos.schemaVersion(binary.BigEndian.Uint32(page[schemaVersionAt:]))
	}
	page[versionsAt], page[versionsAt+1] = filevfs.ReadOnlyVersion, readWAL
	binary.BigEndian.PutUint32(page[schemaVersionAt:], before)
	pos.write(page)
	if err := tx.write(ctx, 1, page); err != nil {
		return err
	}
	switch {
	case tx.fresh:
		if err := tx.adopt(ctx, max(size, 1)); err != nil {
			return err
		}
	case size > 0 && size < tx.size:
		if err := tx.write(ctx, size+1, nil); err != nil {
			return err
		}
	}
	if after == before {
		return nil
	}
	return tx.file.run(ctx, fmt.Sprintf("PRAGMA schema_version = %d", int32(after)))
}
