// Package conformance is the suite that every engine of package db passes: what a
// program may rely on, whatever the URL says, as one table of small cases.
//
//	func TestConformance(t *testing.T) {
//		conformance.Run(t, conformance.Engine{
//			Name: "sqlite",
//			New: func(tb testing.TB) conformance.Database {
//				return conformance.Database{URL: filepath.Join(tb.TempDir(), "test.db")}
//			},
//		})
//	}
//
// What can't be the same everywhere is a [Difference]. An engine declares the ones that
// it has, and then has to behave exactly as declared: a difference that is gone fails
// the suite as one that is new does.
//
// The cases use database/sql and the exported names of package db. Timeouts in them are
// bounds against hanging: none measures speed.
package conformance

import (
	"context"
	"database/sql"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
)

// An Engine is what is tested.
type Engine struct {
	// Name is the one that differences are listed under.
	Name string
	// New makes a database that is empty and lives as long as the test. It is called
	// once or more for each topic, and from several goroutines.
	New func(testing.TB) Database
	// Open opens a database by its URL. The default is [db.Open].
	Open func(ctx context.Context, url string, opts ...db.Option) (*sql.DB, error)
	// Differences are the keys of the differences that the engine has. The default is
	// none; [DifferencesOf] has those of this project's engines.
	Differences []string
	// Skip has cases that aren't run, as TOPIC/CASE, and why. It is for what stands between
	// the program and an engine, such as a wrapper of drivers; an engine has Differences.
	Skip map[string]string
}

// A Database is one that New made.
type Database struct {
	// URL is what Open takes. All pools that are opened with it share the database.
	URL string
	// Server is what an engine talks to that is reached over HTTP. Without one the
	// cases about a server's faults are skipped.
	Server Server
}

// A Server is a libSQL server, such as a *dbtest.Server.
type Server interface {
	// URL is the server's own, without what the database's URL may have besides.
	URL() string
	// Kill ends the server as a crash would.
	Kill()
	// Restart starts it again at the same URL, with what it had stored.
	Restart()
}

// A topic is a group of cases that share a database, which is emptied between them.
type topic struct {
	name  string
	cases []testCase
}

// A testCase is one thing that an engine is held to.
type testCase struct {
	name string
	// holds are the numbers of the defects that the case would find; see defects.go.
	holds []int
	run   func(*tester)
}

// topics returns all cases.
func topics() []topic {
	return []topic{
		{"values", valueCases},
		{"times", timeCases},
		{"columns", columnCases},
		{"results", resultCases},
		{"statements", statementCases},
		{"parameters", parameterCases},
		{"prepared", preparedCases},
		{"scripts", scriptCases},
		{"errors", errorCases},
		{"transactions", transactionCases},
		{"lost", lostCases},
		{"settings", settingCases},
		{"batch", batchCases},
		{"contention", contentionCases},
		{"cancel", cancelCases},
		{"pool", poolCases},
		{"features", featureCases},
		{"functions", functionCases},
		{"limits", limitCases},
		{"faults", faultCases},
		{"patience", patienceCases},
	}
}

// Run runs the suite, each case as a subtest TOPIC/CASE. At its end it logs how many
// cases there were.
func Run(t *testing.T, e Engine) {
	if e.Open == nil {
		e.Open = db.Open
	}
	instead, err := declared(e.Differences)
	if err != nil {
		t.Fatal(err)
	}
	var all, passed, skipped, different atomic.Int32
	t.Cleanup(func() {
		t.Logf("%s: %d of %d cases passed, %d of them with a declared difference; %d don't apply",
			e.Name, passed.Load(), all.Load()-skipped.Load(), different.Load(), skipped.Load())
	})
	for _, topic := range topics() {
		t.Run(topic.name, func(t *testing.T) {
			t.Parallel()
			h := home{t: t, engine: e}
			for _, c := range topic.cases {
				run, isDifferent := c.run, false
				if other, ok := instead[topic.name+"/"+c.name]; ok {
					run, isDifferent = other, true
				}
				h.settle()
				t.Run(c.name, func(t *testing.T) {
					if why, ok := e.Skip[topic.name+"/"+c.name]; ok {
						t.Skip(why)
					}
					all.Add(1)
					t.Cleanup(func() {
						switch {
						case t.Skipped():
							skipped.Add(1)
						case !t.Failed():
							passed.Add(1)
							if isDifferent {
								different.Add(1)
							}
						}
					})
					h.run(t, run)
				})
			}
		})
	}
}

// A home is where the cases of a topic run, one after the other.
type home struct {
	t        *testing.T // the topic's
	engine   Engine
	database Database
	// keeper is a pool that no case uses. With it a database in memory stays.
	keeper *sql.DB
}

// settle provides an empty database: the one that there is, or another, should the case
// before have left it in a state that it can't be emptied in.
func (h *home) settle() {
	if h.keeper != nil {
		err := h.empty()
		if err == nil {
			return
		}
		h.t.Logf("a database that can't be emptied is left behind: %v", err)
	}
	h.database = h.engine.New(h.t)
	h.keeper = h.open(h.t)
}

func (h *home) open(tb testing.TB, opts ...db.Option) *sql.DB {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	pool, err := h.engine.Open(ctx, h.database.URL, opts...)
	if err != nil {
		tb.Fatalf("open: %v", err)
	}
	tb.Cleanup(func() {
		if err := pool.Close(); err != nil {
			tb.Errorf("close: %v", err)
		}
	})
	return pool
}

// empty drops all that is in the database.
func (h *home) empty() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var err error
	// A table that others refer to can't go before them, and some go with others.
	for range 5 {
		var drops []string
		if drops, err = dropAll(ctx, h.keeper); err != nil || len(drops) == 0 {
			return err
		}
		for _, drop := range drops {
			if _, dropErr := h.keeper.ExecContext(ctx, drop); dropErr != nil {
				err = dropErr
			}
		}
	}
	return fmt.Errorf("things are left: %w", err)
}

// dropAll returns the statements that drop what there is: first views, then virtual
// tables with the tables that they keep, then others, the newest first.
func dropAll(ctx context.Context, pool *sql.DB) (drops []string, err error) {
	rows, err := pool.QueryContext(ctx, `
		SELECT 'DROP ' || type || ' IF EXISTS "' || replace(name, '"', '""') || '"' FROM sqlite_schema
		WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
		ORDER BY type = 'view' DESC, sql LIKE 'CREATE VIRTUAL%' DESC, rowid DESC`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var drop string
		if err := rows.Scan(&drop); err != nil {
			return nil, err
		}
		drops = append(drops, drop)
	}
	return drops, rows.Err()
}

// run runs one case.
func (h *home) run(t *testing.T, run func(*tester)) {
	// Not the test's own context, which ends before its cleanups are run.
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	t.Cleanup(cancel)
	x := &tester{T: t, ctx: ctx, home: h}
	x.pool = x.open()
	run(x)
}
