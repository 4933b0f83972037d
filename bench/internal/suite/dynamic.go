package suite

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/duolite/duolite/db"
)

// A dynamicCase is a statement with conditions that its arguments decide, and the statement that a
// person would write for these arguments.
type dynamicCase struct {
	name, text, hand  string
	args, argsForHand []any
}

const (
	oneFilter   = "SELECT id, name FROM b WHERE (?1 IS NULL OR owner = ?1) ORDER BY id LIMIT 50"
	fiveFilters = `SELECT id, name FROM b WHERE (?1 IS NULL OR owner = ?1) AND (?2 IS NULL OR state = ?2) AND (?3 IS NULL OR url = ?3)
		AND (?4 IS NULL OR created_at >= ?4) AND (?5 IS NULL OR created_at < ?5) ORDER BY id LIMIT 50`
	keyset = "SELECT id, created_at FROM b WHERE (?1 IS NULL OR (created_at, id) < (?1, ?2)) ORDER BY created_at DESC, id DESC LIMIT 50"
	sorted = "SELECT id, name FROM b WHERE (?1 IS NULL OR owner = ?1) ORDER BY CASE WHEN ?2 = 'name' THEN name END, CASE WHEN ?2 = 'created' THEN created_at END DESC LIMIT 50"
)

var dynamicCases = []dynamicCase{
	{"1 filter, given", oneFilter, "SELECT id, name FROM b WHERE owner = ?1 ORDER BY id LIMIT 50", []any{"o7"}, []any{"o7"}},
	{"1 filter, absent", oneFilter, "SELECT id, name FROM b ORDER BY id LIMIT 50", []any{nil}, nil},
	{"5 filters, a unique one given", fiveFilters, "SELECT id, name FROM b WHERE url = ?1 ORDER BY id LIMIT 50", []any{nil, nil, "u77", nil, nil}, []any{"u77"}},
	{"5 filters, an owner and a range", fiveFilters, "SELECT id, name FROM b WHERE owner = ?1 AND created_at >= ?2 AND created_at < ?3 ORDER BY id LIMIT 50",
		[]any{"o7", nil, nil, 1000, 9000}, []any{"o7", 1000, 9000}},
	{"5 filters, none given", fiveFilters, "SELECT id, name FROM b ORDER BY id LIMIT 50", []any{nil, nil, nil, nil, nil}, nil},
	{"a page from the middle", keyset, "SELECT id, created_at FROM b WHERE (created_at, id) < (?1, ?2) ORDER BY created_at DESC, id DESC LIMIT 50",
		[]any{5000, 5000}, []any{5000, 5000}},
	{"the first page", keyset, "SELECT id, created_at FROM b ORDER BY created_at DESC, id DESC LIMIT 50", []any{nil, nil}, nil},
	{"a chosen order", sorted, "SELECT id, name FROM b ORDER BY name LIMIT 50", []any{nil, "name"}, nil},
	{"a chosen order and a filter", sorted, "SELECT id, name FROM b WHERE owner = ?1 ORDER BY created_at DESC LIMIT 50", []any{"o7", "created"}, []any{"o7"}},
	{"a tag by EXISTS", "SELECT id FROM b WHERE (?1 IS NULL OR EXISTS (SELECT 1 FROM tag WHERE tag.b = b.id AND tag.name = ?1)) ORDER BY id LIMIT 50",
		"SELECT id FROM b WHERE EXISTS (SELECT 1 FROM tag WHERE tag.b = b.id AND tag.name = ?1) ORDER BY id LIMIT 50", []any{"t3"}, []any{"t3"}},
	{"a tag by IN", "SELECT id FROM b WHERE (?1 IS NULL OR id IN (SELECT b FROM tag WHERE name = ?1)) ORDER BY id LIMIT 50",
		"SELECT id FROM b WHERE id IN (SELECT b FROM tag WHERE name = ?1) ORDER BY id LIMIT 50", []any{"t3"}, []any{"t3"}},
	{"CASE", "SELECT id FROM b WHERE CASE WHEN ?1 THEN owner = ?2 ELSE 1 END ORDER BY id LIMIT 50",
		"SELECT id FROM b WHERE owner = ?1 ORDER BY id LIMIT 50", []any{true, "o7"}, []any{"o7"}},
	{"coalesce", "SELECT id FROM b WHERE owner = coalesce(?1, owner) ORDER BY id LIMIT 50",
		"SELECT id FROM b WHERE owner = ?1 ORDER BY id LIMIT 50", []any{"o7"}, []any{"o7"}},
	{"count(*), given", "SELECT count(*) FROM b WHERE (?1 IS NULL OR owner = ?1)", "SELECT count(*) FROM b WHERE owner = ?1", []any{"o7"}, []any{"o7"}},
	{"count(*), absent", "SELECT count(*) FROM b WHERE (?1 IS NULL OR owner = ?1)", "SELECT count(*) FROM b", []any{nil}, nil},
	{"UPDATE, given", "UPDATE b SET visits = visits + 1 WHERE (?1 IS NULL OR owner = ?1)", "UPDATE b SET visits = visits + 1 WHERE owner = ?1", []any{"o7"}, []any{"o7"}},
	{"no condition to decide", "SELECT id, name FROM b WHERE id = ?1", "SELECT id, name FROM b WHERE id = ?1", []any{77}, []any{77}},
}

// Dynamic measures statements as they are written, as dynamic statements, and as a person would write them
// for the arguments, in turn, on a file and on a server with a number of rows. It prints a table of
// medians.
func Dynamic(ctx context.Context, plan Plan, rows int, to io.Writer) error {
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(bin, "dynamic-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	server, err := startServer(ctx, dir)
	if err != nil {
		return err
	}
	defer server.stop()
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "statement\thome\tby hand\tas written / by hand\tdynamic / by hand")
	for _, home := range []struct{ name, url string }{{"file", filepath.Join(dir, "dynamic.db")}, {"server", server.url()}} {
		pool, err := db.Open(ctx, home.url)
		if err != nil {
			return err
		}
		defer pool.Close()
		if err := fillDynamic(ctx, pool, rows); err != nil {
			return err
		}
		for _, c := range dynamicCases {
			times, err := measureDynamic(ctx, pool, plan.Rounds, c)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			hand := median(times[2])
			fmt.Fprintf(table, "%s\t%s\t%.3f ms\t%.1f\t%.2f\n", c.name, home.name, hand/1e6, median(times[0])/hand, median(times[1])/hand)
			log.Printf("%s, %s", home.name, c.name)
		}
	}
	return table.Flush()
}

// fillDynamic makes a table of books, of which each owner has 50, and a table of tags.
func fillDynamic(ctx context.Context, pool *sql.DB, rows int) error {
	for _, text := range []string{
		"CREATE TABLE b (id INTEGER PRIMARY KEY, owner TEXT, state TEXT, url TEXT UNIQUE, name TEXT, visits INTEGER, created_at INTEGER)",
		"CREATE TABLE tag (b INTEGER, name TEXT, PRIMARY KEY (b, name)) WITHOUT ROWID",
		"CREATE INDEX b_owner ON b (owner)", "CREATE INDEX b_name ON b (name)", "CREATE INDEX b_created ON b (created_at, id)", "CREATE INDEX tag_name ON tag (name, b)",
	} {
		if _, err := pool.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	const chunk = 20_000 // a server's statement may run for some seconds
	for from := 0; from < rows; from += chunk {
		if _, err := pool.ExecContext(ctx, `WITH RECURSIVE n (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
			INSERT INTO b SELECT i, 'o' || (i * 7919 % ?3), 's' || (i % 64), 'u' || i, 'n' || (i * 7919 % ?4), i % 100, i FROM n`,
			from+1, min(from+chunk, rows), max(rows/50, 10), rows); err != nil {
			return err
		}
		if _, err := pool.ExecContext(ctx, "INSERT INTO tag SELECT id, 't' || (id % 1000) FROM b WHERE id > ?1", from); err != nil {
			return err
		}
	}
	return nil
}

// measureDynamic returns the times of the statement as it is written, dynamic, and by hand, of one run each.
func measureDynamic(ctx context.Context, pool *sql.DB, rounds int, c dynamicCase) (times [3][]float64, err error) {
	sides := []struct {
		text string
		args []any
	}{{c.text, c.args}, {"-- db:dynamic\n" + c.text, c.args}, {c.hand, c.argsForHand}}
	const most = 200 * time.Millisecond // of the runs of one side in a round
	for round := range rounds + 1 {
		for k := range sides {
			i := (k + round) % len(sides)
			n, start := 0, time.Now()
			for n == 0 || n < 200 && time.Since(start) < most {
				if err := runDynamic(ctx, pool, sides[i].text, sides[i].args); err != nil {
					return times, err
				}
				n++
			}
			if round > 0 { // the first round compiles
				times[i] = append(times[i], float64(time.Since(start).Nanoseconds())/float64(n))
			}
		}
	}
	return times, nil
}

func runDynamic(ctx context.Context, pool *sql.DB, text string, args []any) error {
	if strings.Contains(text, "UPDATE") {
		_, err := pool.ExecContext(ctx, text, args...)
		return err
	}
	rows, err := pool.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}
