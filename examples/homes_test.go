package examples_test

import (
	"bytes"
	"context"
	"expvar"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/dbtrace"
)

// TestHomes runs the code of docs/backup.md.
func TestHomes(t *testing.T) {
	t.Chdir(t.TempDir())
	srv := dbtest.StartServer(t, dbtest.WithAuth())
	if err := move(t.Context(), srv.URL(), srv.Token(dbtest.ReadWrite)); err != nil {
		t.Fatal(err)
	}
	for _, step := range []func(context.Context) error{back, restore} {
		if err := step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func move(ctx context.Context, url, token string) error {
	file, err := db.Open(ctx, "app.db")
	if err != nil {
		return err
	}
	defer file.Close()
	server, err := db.Open(ctx, url, db.WithAuthToken(token)) // libsql://HOST
	if err != nil {
		return err
	}
	defer server.Close()
	if err := db.Copy(ctx, file, server); err != nil {
		return err
	}
	return nil
}

func back(ctx context.Context) error {
	pool, err := db.Open(ctx, "app.db")
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := db.Backup(ctx, pool, "saved.db"); err != nil {
		return err
	}
	return nil
}

func restore(ctx context.Context) error {
	if err := db.Restore(ctx, "saved.db", "app.db", db.WithReplace()); err != nil {
		return err
	}
	return nil
}

// TestRestoreWithCollation runs the code of docs/backup.md for a file whose index needs a collation of the program.
func TestRestoreWithCollation(t *testing.T) {
	t.Chdir(t.TempDir())
	pool, err := db.Open(t.Context(), "saved.db", db.WithCollation("names", compare))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.ExecContext(t.Context(), "CREATE TABLE people (name TEXT COLLATE names UNIQUE); INSERT INTO people VALUES ('b'), ('A')"); err != nil {
		t.Fatal(err)
	}
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	if err := restoreWithCollation(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.Restore(t.Context(), "app.db", "again.db"); err == nil {
		t.Error("Restore checks an index without its collation")
	}
}

func compare(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) }

func restoreWithCollation(ctx context.Context) error {
	saved, err := db.Open(ctx, "file:saved.db?mode=ro", db.WithCollation("names", compare))
	if err != nil {
		return err
	}
	defer saved.Close()
	return db.Backup(ctx, saved, "app.db", db.WithReplace())
}

// TestTracing runs the code of docs/tracing.md.
func TestTracing(t *testing.T) {
	var out bytes.Buffer
	slog.SetDefault(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
	ctx, url := t.Context(), ":memory:"
	tracer := &dbtrace.Logger{Level: slog.LevelDebug, Slow: 100 * time.Millisecond}
	pool, err := db.Open(ctx, url, db.WithTracer(tracer))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	expvar.Publish("db", expvar.Func(func() any {
		stats, _ := db.Stats(pool)
		return stats
	}))
	if shown := expvar.Get("db").String(); !strings.Contains(shown, `"OpenConnections":1`) {
		t.Errorf("expvar shows %s", shown)
	}
	if !strings.Contains(out.String(), "msg=ping") {
		t.Errorf("the log is %s", &out)
	}
}
