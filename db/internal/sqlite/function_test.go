package sqlite

import (
	"context"
	"database/sql/driver"
	"strings"
	"testing"

	"github.com/duolite/duolite/internal/sqltext"
)

// count is an aggregate that counts rows.
type counted struct{ n int64 }

func (c *counted) Step(context.Context, []driver.Value) error { c.n++; return nil }

func (c *counted) Inverse(context.Context, []driver.Value) error { c.n--; return nil }

func (c *counted) Value(context.Context) (driver.Value, error) { return c.n, nil }

// TestFunctionsLeaveNothing: an aggregate ends with its statement, however that ends, and a registration with
// its connection.
func TestFunctionsLeaveNothing(t *testing.T) {
	t.Parallel()
	db := New(Config{Memory: true, Mode: ReadWriteCreate, Extensions: &Extensions{
		Functions: []Function{
			{Name: "counted", Args: 1, New: func() Aggregate { return new(counted) }, Window: true},
			{Name: "fail", Call: func(context.Context, []driver.Value) (driver.Value, error) { panic("!") }},
		},
		Collations: []Collation{{Name: "c", Compare: strings.Compare}},
	}})
	defer db.Close()
	opened, err := db.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := opened.(*conn)
	numbers := c.registered
	if len(numbers) != 3 {
		t.Fatalf("%d registrations", len(numbers))
	}
	for _, text := range []string{
		"SELECT counted(value) FROM json_each('[1, 2, 3]') GROUP BY value",
		"SELECT counted(value) OVER (ORDER BY id ROWS 1 PRECEDING) FROM json_each('[1, 2, 3]')",
		"SELECT counted(value), counted(value + 1) OVER () FROM json_each('[1, 2, 3]')",
		"SELECT counted(CASE id WHEN 3 THEN fail() END) FROM json_tree('[1, 2, 3]')",
		"SELECT counted(value) + fail() FROM json_each('[1]')",
	} {
		st := sqltext.Split(text)
		stmt, err := c.Prepare(t.Context(), &st[0])
		if err != nil {
			t.Fatal(err)
		}
		for steps := range 5 {
			rows, err := stmt.Query(t.Context(), nil)
			if err != nil {
				continue
			}
			row := make([]driver.Value, len(rows.Columns()))
			for range steps {
				if rows.Next(row) != nil {
					break
				}
			}
			rows.Close()
			if len(c.aggregates) != 0 {
				t.Errorf("%s: %d aggregates are left after %d rows", text, len(c.aggregates), steps)
			}
		}
		stmt.Close()
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	for _, number := range numbers {
		if _, found := registrations.Load(number); found {
			t.Errorf("the registration %d is left", number)
		}
	}
}
