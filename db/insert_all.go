package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/duolite/duolite/db/internal/contract"
	"github.com/duolite/duolite/internal/sqltext"
)

// InsertAll stores rows by a generated method that inserts one row (:exec), and returns the number of rows
// that the inserts changed.
//
//	-- name: CreateTag :exec
//	INSERT INTO tags (name, color) VALUES (sqlc.arg(name), sqlc.arg(color))
//	ON CONFLICT (name) DO UPDATE SET color = excluded.color;
//
//	n, err := db.InsertAll(ctx, pool, dbsqlc.New, tags, (*dbsqlc.Queries).CreateTag)
//
// It has the effect of a call of the method for each row, in order, in one transaction: either
// all rows are stored or none. On a *sql.Tx the rows belong to that transaction; if InsertAll fails,
// none of them is stored, and the transaction goes on, with the exceptions of [NewBatch].
//
// An INSERT with VALUES is sent for 100 rows at once, which takes less time than single calls on a
// file, and one request for some ten thousand rows on a server. A statement whose row reads the database, or that
// has parameters elsewhere, is sent for each row.
//
// An error about a row is a [*BulkError] with the index of the row. To find that row, InsertAll may run the
// transaction a second time, which nobody else can see. InsertAll runs the method once for each row, with a
// database that only records the statement; it must run exactly one, the same for all rows. For a method that
// returns something, see [InsertAllReturning].
//
// As SQLite checks foreign keys at the end of a statement, a row may refer to a later one that is sent with it.
// Put the referred row first, so that the result doesn't depend on the number of rows.
func InsertAll[DBTX, Queries, Row any](
	ctx context.Context, on Execer, newQueries func(DBTX) Queries, rows []Row,
	insert func(Queries, context.Context, Row) error,
) (int64, error) {
	if on == nil || newQueries == nil || insert == nil {
		return 0, errInsertNil("InsertAll")
	}
	var r insertRecorder
	to, fits := any(&r).(DBTX)
	if !fits {
		return 0, configError{fmt.Errorf("InsertAll: %v has other methods than ExecContext, QueryContext, QueryRowContext and PrepareContext", reflect.TypeFor[DBTX]())}
	}
	if len(rows) == 0 {
		return 0, ctx.Err()
	}
	queries := newQueries(to)
	for i, row := range rows {
		if err := r.record(func() error { return insert(queries, ctx, row) }); err != nil {
			return 0, &BulkError{i, i, err}
		}
	}
	return r.send(ctx, on)
}

// InsertAllReturning is [InsertAll] for a method that returns a value: :one with RETURNING, or
// :execrows. It returns the values in the order of rows. It sends a statement for each row, in requests of
// 1,000 rows to a server. A method that finds no row, such as :one with ON CONFLICT DO NOTHING, fails with
// [sql.ErrNoRows].
func InsertAllReturning[DBTX, Queries, Row, Result any](
	ctx context.Context, on Execer, newQueries func(DBTX) Queries, rows []Row,
	insert func(Queries, context.Context, Row) (Result, error),
) ([]Result, error) {
	if on == nil || newQueries == nil || insert == nil {
		return nil, errInsertNil("InsertAllReturning")
	}
	const chunk = 1000
	results := []Result{}
	inTx := func(tx *sql.Tx) error {
		results = make([]Result, 0, len(rows))
		for first := 0; first < len(rows); first += chunk {
			b := NewBatch(tx, newQueries)
			part := rows[first:min(first+chunk, len(rows))]
			futures := make([]*Future[Result], len(part))
			for i, row := range part {
				futures[i] = Queue(b, func(q Queries) (Result, error) { return insert(q, ctx, row) })
			}
			if err := b.Run(ctx); err != nil {
				return asBulkError(err, first)
			}
			for i, f := range futures {
				result, err := f.Get()
				if err != nil {
					return &BulkError{first + i, first + i, err}
				}
				results = append(results, result)
			}
		}
		return nil
	}
	var err error
	switch on := on.(type) {
	case *sql.Tx:
		if len(rows) > 0 {
			err = inSavepoint(ctx, on, inTx)
		}
	case txBeginner:
		err = defaultTxConfig.repeat(ctx, nothingCommitted, func() error { return tryTx(ctx, on, &sql.TxOptions{}, inTx) })
	default:
		err = configError{fmt.Errorf("InsertAllReturning runs on a *sql.DB, *sql.Tx or *sql.Conn, not on %T", on)}
	}
	if err != nil {
		return nil, err
	}
	return results, nil
}

func errInsertNil(function string) error {
	return configError{fmt.Errorf("%s: the database, New or the method is nil; want a *sql.DB, *sql.Tx or *sql.Conn, New of the generated package, and a method such as (*Queries).CreateX", function)}
}

// inSavepoint runs fn in a savepoint of an open transaction. If fn fails or panics, nothing of it is left there.
func inSavepoint(ctx context.Context, tx *sql.Tx, fn func(*sql.Tx) error) (err error) {
	if _, err := tx.ExecContext(ctx, "SAVEPOINT duolite_rows"); err != nil {
		return err
	}
	done := false
	defer func() {
		if done {
			return
		}
		// Not by ctx, which may have ended.
		_, undone := tx.ExecContext(context.WithoutCancel(ctx), "ROLLBACK TO duolite_rows; RELEASE duolite_rows")
		if undone != nil && !errors.Is(undone, ErrTxLost) && !errors.Is(undone, sql.ErrTxDone) {
			err = errors.Join(err, undone)
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "RELEASE duolite_rows")
	done = err == nil
	return err
}

// asBulkError names the row of a failed call.
func asBulkError(err error, first int) error {
	failed, ok := errors.AsType[*BatchError](err)
	if !ok {
		return err
	}
	return &BulkError{first + failed.Call, first + failed.Call, failed.Err}
}

const (
	// groupRows is the number of rows of a statement. More aren't faster: see BenchmarkInsertAll.
	groupRows = 100
	// groupBytes limits the text of a statement, so that a connection caches it.
	groupBytes = 12 << 10
	// groupParams is SQLite's limit for the parameters of a statement.
	groupParams = 32766
)

// An insertRecorder is the DBTX of the method. It has the statement, and the arguments of all rows.
type insertRecorder struct {
	text   string
	width  int // arguments of a row
	values []driver.Value
	rows   int
	calls  int   // of the row
	err    error // of its call, which the method may drop
}

// record records the statement of a row.
func (r *insertRecorder) record(insert func() error) error {
	r.calls, r.err = 0, nil
	err := insert()
	switch {
	case err != nil:
		return err
	case r.err != nil:
		return r.err
	case r.calls == 0:
		return errNone
	}
	r.rows++
	return nil
}

// ExecContext implements the DBTX of generated packages.
func (r *insertRecorder) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := r.add(ctx, query, args); err != nil {
		r.err = err
		return nil, err
	}
	return driver.RowsAffected(0), nil
}

// add adds the arguments of a row.
func (r *insertRecorder) add(ctx context.Context, query string, args []any) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.calls++; r.calls > 1 {
		return errors.New("the method runs more than one statement")
	}
	if r.rows == 0 {
		r.text, r.width = query, len(args)
	}
	if query != r.text || len(args) != r.width {
		return errors.New("the method runs another statement than for the first row")
	}
	values, names, err := contract.Args(args)
	if err != nil {
		return err
	}
	if names != nil {
		return errors.New("InsertAll takes no named arguments; generate the method with sqlc")
	}
	r.values = append(r.values, values...)
	return nil
}

var errReturns = errors.New("the method returns rows: use InsertAllReturning")

// QueryContext implements the DBTX of generated packages.
func (r *insertRecorder) QueryContext(context.Context, string, ...any) (*sql.Rows, error) {
	return nil, errReturns
}

// QueryRowContext implements the DBTX of generated packages.
func (r *insertRecorder) QueryRowContext(context.Context, string, ...any) *sql.Row {
	return contract.FailedRow(errReturns)
}

// PrepareContext implements the DBTX of generated packages.
func (r *insertRecorder) PrepareContext(context.Context, string) (*sql.Stmt, error) {
	return nil, errPrepare
}

// A group is a statement for some rows.
type group struct{ first, rows int }

// send stores the recorded rows.
func (r *insertRecorder) send(ctx context.Context, on Execer) (int64, error) {
	row, size := r.grouping()
	var groups []group
	for first := 0; first < r.rows; first += size {
		groups = append(groups, group{first, min(size, r.rows-first)})
	}
	sent := r.run(ctx, on, row, groups)
	if sent.Err != nil && sent.Failed >= 0 && groups[sent.Failed].rows > 1 && ctx.Err() == nil {
		// The same again, with the rows of the failed statement one by one.
		failed := groups[sent.Failed]
		single := make([]group, failed.rows)
		for i := range single {
			single[i] = group{failed.first + i, 1}
		}
		split := slices.Concat(groups[:sent.Failed], single, groups[sent.Failed+1:])
		// Its error tells more, unless it comes from the network and nothing was stored.
		if again := r.run(ctx, on, row, split); again.Err == nil || again.Failed >= 0 || errors.Is(again.Err, ErrOutcomeUnknown) {
			sent, groups = again, split
		}
	}
	switch {
	case sent.Err != nil && sent.Failed >= 0:
		failed := groups[sent.Failed]
		return 0, &BulkError{failed.first, failed.first + failed.rows - 1, sent.Err}
	case sent.Err != nil:
		return 0, sent.Err
	}
	var changed int64
	for i := range sent.Answers {
		changed += sent.Answers[i].RowsAffected()
	}
	return changed, nil
}

// grouping returns the INSERT, and the number of rows of a statement. It is 1 for a statement that can't have
// more rows.
func (r *insertRecorder) grouping() (row sqltext.Row, size int) {
	statements := sqltext.Split(r.text)
	if len(statements) != 1 {
		return row, 1
	}
	row, ok := statements[0].SingleRow()
	if !ok || row.Params() != r.width {
		return row, 1 // a wrong number of arguments is an error of the single statement
	}
	size = groupRows
	for size > 1 && (row.Len(size) > groupBytes || size*row.Params() > groupParams) {
		size /= 2
	}
	return row, size
}

// run runs the statements of groups in a transaction.
func (r *insertRecorder) run(ctx context.Context, on Execer, row sqltext.Row, groups []group) *contract.Batch {
	sent := &contract.Batch{
		Calls: make([]contract.Call, len(groups)), Failed: -1,
		MaxBytes: defaultRequestBytes, MaxStatements: defaultRequestStatements,
	}
	texts := map[int]string{1: r.text}
	for i, g := range groups {
		text, known := texts[g.rows]
		if !known {
			text = row.Text(g.rows)
			texts[g.rows] = text
		}
		sent.Calls[i] = contract.Call{Text: text, Args: r.values[g.first*r.width : (g.first+g.rows)*r.width], Kind: contract.Exec}
	}
	runBatch(ctx, on, sent)
	return sent
}
