package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/duolite/duolite/db"
	_ "github.com/duolite/duolite/db/clientgo"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/google/go-cmp/cmp"
)

// soaks reports whether make soak runs the tests that depend on chance, for longer.
var soaks = os.Getenv("DUOLITE_SOAK") != ""

// rounds returns a number of repetitions, which is larger with make soak.
func rounds(n int) int {
	if soaks {
		return 20 * n
	}
	return n
}

// background is a context that never ends.
var background = context.Background()

// open opens a database until the test ends.
func open(t testing.TB, url string, opts ...db.Option) *sql.DB {
	t.Helper()
	return dbtest.Database{URL: url}.Open(t, nil, opts...)
}

// execute runs statements, on a pool, a connection or a transaction.
func execute(t testing.TB, on interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := on.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// only returns the error of a call, and closes its result if it can be closed.
func only[T any](result T, err error) error {
	if closer, ok := any(result).(io.Closer); ok && err == nil {
		closer.Close()
	}
	return err
}

// readAll reads rows to their end.
func readAll(rows *sql.Rows, err error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}

// get returns the one value of a query.
func get[T any](t testing.TB, from interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}, query string, args ...any) T {
	t.Helper()
	var value T
	if err := from.QueryRowContext(t.Context(), query, args...).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

func check(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// allKinds are the kinds of errors, by a name for messages.
var allKinds = map[error]string{
	db.ErrConfig:       "ErrConfig",
	db.ErrUnique:       "ErrUnique",
	db.ErrForeignKey:   "ErrForeignKey",
	db.ErrNotNull:      "ErrNotNull",
	db.ErrCheck:        "ErrCheck",
	db.ErrBusy:         "ErrBusy",
	db.ErrReadOnly:     "ErrReadOnly",
	db.ErrTooBig:       "ErrTooBig",
	db.ErrFull:         "ErrFull",
	db.ErrNotADatabase: "ErrNotADatabase",
	db.ErrCorrupt:      "ErrCorrupt",
	db.ErrBadQuery:     "ErrBadQuery",
	db.ErrCantOpen:     "ErrCantOpen",
	db.ErrUnauthorized: "ErrUnauthorized",
	db.ErrUnavailable:  "ErrUnavailable",
}

// kindsOf names the kinds that an error is of.
func kindsOf(err error) string {
	var kinds []string
	for kind, name := range allKinds {
		if errors.Is(err, kind) {
			kinds = append(kinds, name)
		}
	}
	return strings.Join(kinds, " ")
}

// checkKind wants an error of an engine that is of one kind, or of none if kind is
// nil. It returns its *db.Error.
func checkKind(t *testing.T, what string, err, kind error) *db.Error {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error, want %s", what, allKinds[kind])
		return &db.Error{}
	}
	if got, want := kindsOf(err), allKinds[kind]; got != want {
		t.Errorf("%s: error %q is of the kinds [%s], want [%s]", what, err, got, want)
	}
	checkText(t, what, err)
	var e *db.Error
	if !errors.As(err, &e) {
		t.Errorf("%s: error %q is no *db.Error but %T", what, err, err)
		return &db.Error{}
	}
	return e
}

// checkError wants an error of an engine with this kind, code and message.
func checkError(t *testing.T, what string, err, kind error, code int, message string) *db.Error {
	t.Helper()
	e := checkKind(t, what, err, kind)
	check(t, what+": code", e.Code, code)
	check(t, what+": message", e.Message, message)
	return e
}

// canary is what no error may show: it stands in tokens.
const canary = "CANARY"

// checkText wants an error of one line, in which nothing shows the canary or a token.
func checkText(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil && strings.ContainsAny(err.Error(), "\r\n") {
		t.Errorf("%s: the error has several lines: %q", what, err)
	}
	for ; err != nil; err = errors.Unwrap(err) { // which ends at *db.Error: what is below is the driver's
		text := fmt.Sprintf("%v %+v %#v %q", err, err, err, err)
		for _, secret := range []string{canary, "eyJ"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s: the error shows a secret: %s", what, text)
			}
		}
	}
}
