package seq_test

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/duolite/duolite/cmd/duolite/internal/seq/testdata/plain"
	"github.com/google/go-cmp/cmp"
)

// names are those of authors, with "error" for an error.
func names(authors iter.Seq2[plain.Author, error]) []string {
	var got []string
	for a, err := range authors {
		if err != nil {
			a.Name += "error" // it is empty, or it shows
		}
		got = append(got, a.Name)
	}
	return got
}

type result[T any] struct {
	rows []T
	err  error
}

func list[T any](rows []T, err error) result[T] {
	return result[T]{rows, err}
}

// same wants what an iterator returns to be n rows, and those of a list.
func same[T any](t *testing.T, rows iter.Seq2[T, error], want result[T], n int) {
	t.Helper()
	must(t, want.err)
	var got []T
	for row, err := range rows {
		must(t, err)
		got = append(got, row)
	}
	if diff := cmp.Diff(want.rows, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(got) != n {
		t.Errorf("%d rows of %s, want %d", len(got), fmt.Sprintf("%T", got), n)
	}
}

// bounded is a context for what would wait for ever where a loop has kept the connection.
func bounded(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func script(t *testing.T, pool *sql.DB, text string) {
	t.Helper()
	_, err := pool.ExecContext(t.Context(), text)
	must(t, err)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
