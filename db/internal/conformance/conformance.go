// Package conformance is the test suite that every engine of package db passes. It is one
// table of small cases about the behaviour on which programs may rely.
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
// A behaviour that can't be the same on every engine is a [Difference]. An engine declares its
// differences and must then behave exactly as declared: the suite fails for a declared
// difference that doesn't exist, as for one that wasn't declared.
//
// The cases use database/sql and the exported API of package db. Their timeouts only end calls
// that hang; no case measures time.
package conformance

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
)

// An Engine is the engine under test.
type Engine struct {
	// Name is the name of the engine in the list of differences.
	Name string
	// New creates an empty database that exists until the test ends. It is called at least
	// once for each topic, and from several goroutines.
	New func(testing.TB) Database
	// Open opens a database by its URL. The default is [db.Open].
	Open func(ctx context.Context, url string, opts ...db.Option) (*sql.DB, error)
	// Differences are the keys of the engine's differences. The default is none;
	// [DifferencesOf] returns the keys for this project's engines.
	Differences []string
	// Skip has cases that aren't run, as TOPIC/CASE, and why. It is for what stands between
	// the program and an engine, such as a wrapper of drivers; an engine has Differences.
	Skip map[string]string
}

// A Database is a database made by New.
type Database struct {
	// URL is the URL for Open. All pools opened with it share the database.
	URL string
	// Server is the server of an engine that uses HTTP. If it is nil, the cases about server
	// faults are skipped.
	Server Server
}

// A Server is a libSQL server, such as a *dbtest.Server.
type Server interface {
	// URL returns the server's URL, without the additional parts of the database's URL.
	URL() string
	// Kill ends the server as a crash would.
	Kill()
	// Restart starts the server again with the same URL and data.
	Restart()
}

// A topic is a group of cases. They share a database, which is emptied between them.
type topic struct {
	name  string
	cases []testCase
}

// A testCase is one requirement.
type testCase struct {
	name string
	run  func(*tester)
}

// waiting has the cases that wait for a time limit. Each has a database of its own, and runs
// beside the other cases of its topic.
var waiting = map[string]bool{
	"batch/a request that is lost":                                    true,
	"contention/a transaction that idles while another waits":         true,
	"faults/a proxy's errors":                                         true,
	"faults/an answer that is lost":                                   true,
	"faults/an answer that is lost in a transaction":                  true,
	"lost/interrupted while rows are read":                            true,
	"patience/idle for longer than a server keeps anything":           true,
	"patience/idle with settings for longer than a server keeps them": true,
	"patience/silence at the end of a transaction":                    true,
}

// topics returns all cases.
func topics() []topic {
	return []topic{
		{"values", valueCases},
		{"times", timeCases},
		{"columns", columnCases},
		{"destinations", destinationCases},
		{"results", resultCases},
		{"statements", statementCases},
		{"parameters", parameterCases},
		{"prepared", preparedCases},
		{"dynamic", dynamicCases},
		{"scripts", scriptCases},
		{"errors", errorCases},
		{"transactions", transactionCases},
		{"lost", lostCases},
		{"settings", settingCases},
		{"connection", connectionCases},
		{"batch", batchCases},
		{"tracing", tracingCases},
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

// Run runs the suite, each case as a subtest TOPIC/CASE. At the end it logs the number of
// cases.
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
	runCase := func(f *fixture, topic string, c testCase) {
		run, isDifferent := instead[topic+"/"+c.name]
		if !isDifferent {
			run = c.run
		}
		f.reset()
		f.t.Run(c.name, func(t *testing.T) {
			if why, ok := e.Skip[topic+"/"+c.name]; ok {
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
			f.run(t, run)
		})
	}
	for _, topic := range topics() {
		t.Run(topic.name, func(t *testing.T) {
			t.Parallel()
			var beside sync.WaitGroup
			defer beside.Wait()
			shared := &fixture{t: t, engine: e}
			for _, c := range topic.cases {
				if waiting[topic.name+"/"+c.name] {
					beside.Go(func() { runCase(&fixture{t: t, engine: e}, topic.name, c) })
				} else {
					runCase(shared, topic.name, c)
				}
			}
		})
	}
}

// A fixture runs cases of a topic one after the other on its database.
type fixture struct {
	t        *testing.T // of the topic
	engine   Engine
	database Database
	// keeper is a pool that no case uses. It keeps a database in memory alive.
	keeper *sql.DB
}

// reset provides an empty database. It makes a new one if the old one can't be emptied after
// the case before.
func (f *fixture) reset() {
	if f.keeper != nil {
		err := f.empty()
		if err == nil {
			return
		}
		f.t.Logf("a database that can't be emptied is left behind: %v", err)
	}
	f.database = f.engine.New(f.t)
	f.keeper = f.open(f.t)
}

func (f *fixture) open(tb testing.TB, opts ...db.Option) *sql.DB {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	pool, err := f.engine.Open(ctx, f.database.URL, opts...)
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

// empty drops all tables and views of the database.
func (f *fixture) empty() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var err error
	// A table that others reference can't be dropped before them; dropping a table may drop
	// others.
	for range 5 {
		var drops []string
		if drops, err = dropAll(ctx, f.keeper); err != nil || len(drops) == 0 {
			return err
		}
		for _, drop := range drops {
			if _, dropErr := f.keeper.ExecContext(ctx, drop); dropErr != nil {
				err = dropErr
			}
		}
	}
	return fmt.Errorf("things are left: %w", err)
}

// dropAll returns the statements that drop everything: first views, then virtual tables with
// their shadow tables, then other tables, the newest first.
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
func (f *fixture) run(t *testing.T, run func(*tester)) {
	// The test's own context ends before its cleanups run.
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	t.Cleanup(cancel)
	x := &tester{T: t, ctx: ctx, fixture: f}
	x.pool = x.open()
	run(x)
}
