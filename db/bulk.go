package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"

	"github.com/duolite/duolite/db/internal/payload"
)

// BulkExec runs a statement for many rows at once, and returns how many it changed. Such a
// statement takes its rows out of JSON:
//
//	-- name: CreateTags :execrows
//	INSERT INTO tags (name, color)
//	SELECT CAST(e.value ->> 'name' AS TEXT), CAST(e.value ->> 'color' AS TEXT)
//	FROM json_each(CAST(sqlc.arg(tags) AS TEXT)) AS e
//	WHERE true -- which SQLite wants before ON CONFLICT
//	ON CONFLICT (name) DO UPDATE SET color = excluded.color;
//
// and BulkExec calls the method that sqlc has made of it:
//
//	type tag struct {
//		Name  string `json:"name"`
//		Color string `json:"color"`
//	}
//	n, err := db.BulkExec(ctx, pool, dbsqlc.New, tags, (*dbsqlc.Queries).CreateTags)
//
// A row is a struct, whose fields have the names that they have for encoding/json, so that
// a struct which sqlc made will often do; or a map, a slice or an array (e.value ->> 0), or a
// single value (e.value). Each value comes as it would from an argument: a [time.Time] as
// text, what has a method Value as that says, and so on. What an argument can't be is refused.
// Only
//
//   - a []byte comes as hexadecimal digits: unhex(e.value ->> 'data');
//   - a struct, map or slice within a row is JSON, for a json_each of its own.
//
// Options of tags, such as omitempty, count for nothing.
//
// It is for the way to a server. On a file, taking the values out of JSON costs more than a
// call for each row does: in [InTx] those take half of the time (insert-tx and bulk in
// docs/performance.md).
//
// Rows travel in chunks of up to 2 MiB and 10,000 rows, in their order; one that is larger
// by itself is a chunk too. For each chunk insert is called once. All of them are one
// transaction: the rows are stored, or none is. A single chunk on a pool is a statement
// without another transaction, and so one request to a server: an insert that
// runs several statements needs a *sql.Tx. Without rows nothing is called.
//
// On a pool the insert is tried again as by [InTx], whose options it takes. On a *sql.Tx,
// which takes none, it is a part of that transaction: roll back if it fails. To store rows
// in other chunks, or to tell how far it is, call it in a transaction for each of
// [slices.Chunk].
//
// An error that is about rows is a [*BulkError].
func BulkExec[On sqlRunner, DBTX, Queries, Row any](
	ctx context.Context, on On, queries func(DBTX) Queries, rows []Row,
	insert func(Queries, context.Context, string) (int64, error), opts ...TxOption,
) (int64, error) {
	var changed int64
	b := bulk[DBTX, Row]{
		rows:  rows,
		begin: func() { changed = 0 },
		insert: func(to DBTX, payload string) error {
			n, err := insert(queries(to), ctx, payload)
			changed += n
			return err
		},
	}
	if err := b.run(ctx, on, opts); err != nil {
		return 0, err
	}
	return changed, nil
}

// BulkQuery is [BulkExec] for a statement that returns rows (:many), such as an INSERT
// with RETURNING. It returns those of all chunks, or nil without any. SQLite doesn't promise
// that a statement returns them in the order in which it stored them. A server's answer to a
// chunk has 10 MB at most.
func BulkQuery[On sqlRunner, DBTX, Queries, Row, Result any](
	ctx context.Context, on On, queries func(DBTX) Queries, rows []Row,
	insert func(Queries, context.Context, string) ([]Result, error), opts ...TxOption,
) ([]Result, error) {
	var results []Result
	b := bulk[DBTX, Row]{
		rows:  rows,
		begin: func() { results = nil },
		insert: func(to DBTX, payload string) error {
			part, err := insert(queries(to), ctx, payload)
			results = append(results, part...)
			return err
		},
	}
	if err := b.run(ctx, on, opts); err != nil {
		return nil, err
	}
	return results, nil
}

// A sqlRunner is what a bulk insert runs on.
type sqlRunner interface {
	*sql.DB | *sql.Tx
}

// A BulkError says which rows of a bulk insert an error is about, or at least among.
type BulkError struct {
	// First and Last are the rows of the chunk that failed, or one row that can't be
	// stored, as indexes into the slice of all rows.
	First, Last int
	// Err is what was wrong.
	Err error
}

// Error returns the error with its rows.
func (e *BulkError) Error() string {
	if e.First == e.Last {
		return fmt.Sprintf("row %d: %v", e.First, e.Err)
	}
	return fmt.Sprintf("rows %d to %d: %v", e.First, e.Last, e.Err)
}

// Unwrap returns the error without its rows.
func (e *BulkError) Unwrap() error {
	return e.Err
}

// What ends a chunk. A server takes values of up to 5,000,000 bytes, and goes to others with
// its lock after 5 s. Larger chunks aren't faster: BenchmarkBulk, with rows of 100 bytes,
// stores some 170,000 a second in a file, 100 at a time or 10,000; on a server without
// distance 90,000 when it is 100 at a time, 160,000 with 1,000, and 200,000 with 5,000 and
// 10,000. What is left is to ask a distant server seldom.
const (
	chunkBytes = 2 << 20
	chunkRows  = 10_000
)

// A bulk is a bulk insert, whatever comes of its statements.
type bulk[DBTX, Row any] struct {
	rows   []Row
	begin  func() // forgets what an earlier attempt returned
	insert func(to DBTX, payload string) error
	buffer []byte // of the last chunk
}

func (b *bulk[DBTX, Row]) run(ctx context.Context, on any, opts []TxOption) error {
	if tx, ok := on.(*sql.Tx); ok {
		if len(opts) > 0 {
			return configError{errors.New("a bulk insert in a *sql.Tx takes no options: it isn't run again by itself")}
		}
		b.begin()
		return b.insertAll(tx)
	}
	cfg, err := newTxConfig(opts)
	if err != nil || len(b.rows) == 0 {
		return err
	}
	pool := on.(*sql.DB)
	first, n, err := b.chunk(0)
	if err != nil {
		return err
	}
	return cfg.repeat(ctx, nothingCommitted, func() error {
		b.begin()
		if n == len(b.rows) {
			return b.insertChunk(pool, first, 0, n)
		}
		return tryTx(ctx, pool, &sql.TxOptions{}, func(tx *sql.Tx) error { return b.insertAll(tx) })
	})
}

func (b *bulk[DBTX, Row]) insertAll(tx *sql.Tx) error {
	for start := 0; start < len(b.rows); {
		chunk, end, err := b.chunk(start)
		if err != nil {
			return err
		}
		if err := b.insertChunk(tx, chunk, start, end); err != nil {
			return err
		}
		start = end
	}
	return nil
}

func (b *bulk[DBTX, Row]) insertChunk(on any, chunk string, start, end int) error {
	to, ok := on.(DBTX)
	if !ok {
		return configError{fmt.Errorf("a bulk insert runs on *sql.DB and *sql.Tx, and %T is no %v", on, reflect.TypeFor[DBTX]())}
	}
	if err := b.insert(to, chunk); err != nil {
		return &BulkError{start, end - 1, err}
	}
	return nil
}

// chunk returns rows as JSON, from start to before end.
func (b *bulk[DBTX, Row]) chunk(start int) (text string, end int, err error) {
	data := append(b.buffer[:0], '[')
	for end = start; end < len(b.rows) && end < start+chunkRows; end++ {
		before := len(data)
		if end > start {
			data = append(data, ',')
		}
		if data, err = payload.Append(data, b.rows[end]); err != nil {
			return "", 0, &BulkError{end, end, err}
		}
		if len(data) >= chunkBytes && end > start {
			data = data[:before]
			break
		}
	}
	b.buffer = append(data, ']')
	return string(b.buffer), end, nil
}
