package contract_test

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

// TestMain wants the tests to leave no goroutine behind. The HTTP connections that the
// client of libSQL keeps are the process's, not a pool's.
func TestMain(m *testing.M) {
	code := m.Run()
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func check(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// openTable opens a database with a table t of two rows.
func openTable(t *testing.T, d dbtest.Database) *sql.DB {
	t.Helper()
	pool := d.Open(t, nil)
	for _, statement := range []string{
		"CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL, weight REAL, image BLOB)",
		"INSERT INTO t VALUES (1, 'one', 1.5, x'01'), (2, 'two', NULL, NULL)",
	} {
		if _, err := pool.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return pool
}

// TestPing wants a ping to ask the database: the one of libSQL's client doesn't.
func TestPing(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		if err := pool.PingContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		if d.Server == nil {
			return
		}
		d.Server.Kill()
		if err := pool.PingContext(t.Context()); !errors.Is(err, db.ErrUnavailable) {
			t.Errorf("after the server's end: error %v, want %v", err, db.ErrUnavailable)
		}
		d.Server.Restart()
		if err := pool.PingContext(t.Context()); err != nil {
			t.Errorf("after its return: %v", err)
		}
	})
}

// TestOpenFails leaves it to TestMain to find what is left.
func TestOpenFails(t *testing.T) {
	t.Parallel()
	for _, url := range []string{t.TempDir(), "http://127.0.0.1:1"} {
		if _, err := db.Open(t.Context(), url); err == nil {
			t.Errorf("%s: no error", url)
		}
	}
}

// A column is what is known of one before its first row is read.
type column struct {
	Name, Declared, Scan string
}

func TestColumnTypes(t *testing.T) {
	t.Parallel()
	const query = "SELECT id, name, weight, image, id + 1 AS next FROM t"
	known := []column{
		{"id", "INTEGER", "int64"},
		{"name", "TEXT", "string"},
		{"weight", "REAL", "float64"},
		{"image", "BLOB", "[]uint8"},
		{"next", "", "int64"},
	}
	// The client of libSQL doesn't tell, though the server does.
	unknown := []column{
		{"id", "", "interface {}"},
		{"name", "", "interface {}"},
		{"weight", "", "interface {}"},
		{"image", "", "interface {}"},
		{"next", "", "interface {}"},
	}
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		rows, err := openTable(t, d).QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		types, err := rows.ColumnTypes()
		if err != nil {
			t.Fatal(err)
		}
		var got []column
		for _, c := range types {
			got = append(got, column{c.Name(), c.DatabaseTypeName(), c.ScanType().String()})
			if nullable, ok := c.Nullable(); ok != d.Local() || nullable != d.Local() {
				t.Errorf("%s: Nullable is %v, %v", c.Name(), nullable, ok)
			}
		}
		if d.Local() {
			check(t, "columns", got, known)
		} else {
			check(t, "columns", got, unknown)
		}
	})
}

func TestPrepare(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := openTable(t, d)
		insert, err := pool.PrepareContext(t.Context(), "INSERT INTO t (name) VALUES (?)")
		if err != nil {
			t.Fatal(err)
		}
		defer insert.Close()
		query, err := pool.PrepareContext(t.Context(), "SELECT count(*) FROM t WHERE name = :name")
		if err != nil {
			t.Fatal(err)
		}
		defer query.Close()
		count := func(stmt *sql.Stmt, name string) (n int) {
			if err := stmt.QueryRowContext(t.Context(), sql.Named("name", name)).Scan(&n); err != nil {
				t.Error(err)
			}
			return n
		}

		for i := range 3 {
			result, err := insert.ExecContext(t.Context(), fmt.Sprintf("row %d", i))
			if err != nil {
				t.Fatal(err)
			}
			if n, err := result.RowsAffected(); n != 1 || err != nil {
				t.Errorf("RowsAffected is %d, %v", n, err)
			}
			if id, err := result.LastInsertId(); id != int64(3+i) || err != nil {
				t.Errorf("LastInsertId is %d, %v, want %d", id, err, 3+i)
			}
			check(t, "rows", count(query, fmt.Sprintf("row %d", i)), 1)
		}

		// The same statements in a transaction that isn't kept.
		tx, err := pool.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.StmtContext(t.Context(), insert).ExecContext(t.Context(), "late"); err != nil {
			t.Error(err)
		}
		check(t, "rows in the transaction", count(tx.StmtContext(t.Context(), query), "late"), 1)
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
		check(t, "rows after it", count(query, "late"), 0)
	})
}

// TestResultSets is about several queries in one text: a server answers each of them.
func TestResultSets(t *testing.T) {
	t.Parallel()
	d := dbtest.Database{URL: dbtest.StartServer(t).URL()}
	rows, err := openTable(t, d).QueryContext(t.Context(), "SELECT id FROM t ORDER BY id; SELECT name, id FROM t WHERE id = 2; SELECT 3")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var sets [][]string
	for more := true; more; more = rows.NextResultSet() {
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		set := columns
		for rows.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			if err := rows.Scan(values...); err != nil {
				t.Fatal(err)
			}
			set = append(set, fmt.Sprint(*values[0].(*any)))
		}
		sets = append(sets, set)
	}
	if err := rows.Err(); err != nil {
		t.Error(err)
	}
	check(t, "sets", sets, [][]string{{"id", "1", "2"}, {"name", "id", "two"}, {"3", "3"}})
}

// TestOneResultSet is about a query that is the only one, on every engine.
func TestOneResultSet(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		rows, err := openTable(t, d).QueryContext(t.Context(), "SELECT id FROM t")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		if rows.NextResultSet() || rows.Err() != nil {
			t.Errorf("there is another result set, or the error %v", rows.Err())
		}
	})
}

// TestErrorWhileReading is about a query that fails after some of its rows.
func TestErrorWhileReading(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		rows, err := openTable(t, d).QueryContext(t.Context(), "SELECT abs(CASE id WHEN 2 THEN -9223372036854775808 ELSE id END) FROM t ORDER BY id")
		if err == nil {
			for rows.Next() {
			}
			err = rows.Err()
			rows.Close()
		}
		var e *db.Error
		if !errors.As(err, &e) || e.Message != "integer overflow" {
			t.Errorf("error %v, want an *db.Error: integer overflow", err)
		}
	})
}

// TestRawConn uses a connection as a driver's: by the methods that database/sql has
// no use for, too.
func TestRawConn(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		conn, err := openTable(t, d).Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.Raw(func(raw any) error { return useRaw(t, raw.(driver.Conn)) }); err != nil {
			t.Error(err)
		}
	})
}

func useRaw(t *testing.T, conn driver.Conn) error {
	if !conn.(driver.Validator).IsValid() {
		t.Error("the connection isn't valid")
	}
	if err := conn.(driver.Pinger).Ping(t.Context()); err != nil {
		return err
	}
	//lint:ignore SA1019 what wrappers may still call
	tx, err := conn.Begin()
	if err != nil {
		return err
	}
	insert, err := conn.Prepare("INSERT INTO t (name) VALUES (?)")
	if err != nil {
		return err
	}
	if n := insert.NumInput(); n != 1 && n != -1 {
		t.Errorf("NumInput is %d, want 1, or -1 for not known", n)
	}
	//lint:ignore SA1019 as above
	result, err := insert.Exec([]driver.Value{"three"})
	if err != nil {
		return err
	}
	if id, err := result.LastInsertId(); id != 3 || err != nil {
		t.Errorf("LastInsertId is %d, %v, want 3", id, err)
	}
	if err := insert.Close(); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}

	query, err := conn.Prepare("SELECT name FROM t WHERE id > ? ORDER BY id")
	if err != nil {
		return err
	}
	defer query.Close()
	//lint:ignore SA1019 as above
	rows, err := query.Query([]driver.Value{int64(1)})
	if err != nil {
		return err
	}
	defer rows.Close()
	check(t, "columns", rows.Columns(), []string{"name"})
	var names []driver.Value
	for {
		row := make([]driver.Value, 1)
		if err := rows.Next(row); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		names = append(names, row[0])
	}
	check(t, "names", names, []driver.Value{"two", "three"})
	return nil
}

// TestArguments is about those that are refused, each before anything is sent.
func TestArguments(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := openTable(t, d)
		for what, arg := range map[string]any{"a struct": struct{}{}, "sql.Out": sql.Out{Dest: new(int)}, "a channel": make(chan int)} {
			if _, err := pool.ExecContext(t.Context(), "UPDATE t SET weight = ?", arg); err == nil {
				t.Errorf("%s is accepted", what)
			}
		}
		var sum float64
		if err := pool.QueryRowContext(t.Context(), "SELECT total(weight) FROM t").Scan(&sum); err != nil || sum != 1.5 {
			t.Errorf("the weights are %v (%v), want 1.5", sum, err)
		}
	})
}

// TestDriver is about database/sql's way from a pool to its driver.
func TestDriver(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		":memory:":           "*sqlite.Driver",
		"http://127.0.0.1:1": "libsql.Driver", // which nothing is sent to
	} {
		connector, err := db.NewConnector(url)
		if err != nil {
			t.Fatal(err)
		}
		check(t, url, fmt.Sprintf("%T", connector.Driver()), want)
		// It may be closed unused.
		if err := connector.(io.Closer).Close(); err != nil {
			t.Errorf("%s: close: %v", url, err)
		}
	}
}
