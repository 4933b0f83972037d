//go:build unix

package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

// TestInterrupted: when the command is interrupted, it ends, and leaves nothing behind.
func TestInterrupted(t *testing.T) {
	t.Chdir(t.TempDir())
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	for name, text := range map[string]string{
		"sqlc.yaml":  "version: \"2\"\nsql:\n  - {engine: sqlite, schema: schema.sql, queries: query.sql, gen: {go: {out: code}}}\n",
		"schema.sql": "CREATE TABLE notes (id INTEGER PRIMARY KEY);",
		"query.sql":  "-- name: CountNotes :one\nSELECT count(*) FROM notes;\n",
		"slow":       "#!/bin/sh\ntouch started\nexec sleep 600\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go cancelWhen(ctx, cancel, "started")
	var stdout, stderr bytes.Buffer
	code := report(&stderr, run(ctx, []string{"gen", "--sqlc", "./slow"}, nil, &stdout, &stderr))
	if code != exitInterrupted || stdout.String() != "" || stderr.String() != "duolite: interrupted\n" {
		t.Errorf("exit code %d, stdout %q, stderr %q; want 130, and that it was interrupted", code, &stdout, &stderr)
	}
	if left, _ := filepath.Glob(filepath.Join(temp, "*")); len(left) > 0 {
		t.Errorf("it leaves %q behind", left)
	}
	if _, err := os.Stat("code"); err == nil {
		t.Error("it has written code")
	}
}

// TestNewInterrupted: when duolite new is interrupted while go runs, it ends, and leaves nothing behind.
func TestNewInterrupted(t *testing.T) {
	repo, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	bin := t.TempDir()
	started := filepath.Join(bin, "started")
	slow := "#!/bin/sh\ntouch " + started + "\nexec sleep 600\n"
	if err := os.WriteFile(filepath.Join(bin, "go"), []byte(slow), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go cancelWhen(ctx, cancel, started)
	var stdout, stderr bytes.Buffer
	code := report(&stderr, run(ctx, []string{"new", "app", "--replace", repo}, nil, &stdout, &stderr))
	if code != exitInterrupted || stdout.String() != "" || stderr.String() != "duolite: interrupted\n" {
		t.Errorf("exit code %d, stdout %q, stderr %q; want 130, and that it was interrupted", code, &stdout, &stderr)
	}
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("%v, it leaves %v behind", err, left)
	}
}

// A cancelling writer calls cancel after a line was written.
type cancelling struct {
	bytes.Buffer
	cancel func()
}

func (c *cancelling) Write(p []byte) (int, error) {
	defer c.cancel()
	return c.Buffer.Write(p)
}

// TestMigrateInterrupted: when duolite migrate up is interrupted, it names the applied migrations, and the other one.
func TestMigrateInterrupted(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("schema", 0o777); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"schema/00001_books.sql": "-- +goose Up\nCREATE TABLE books (id INTEGER PRIMARY KEY);\n",
		"schema/00002_long.sql":  "-- +goose Up\nINSERT INTO books WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n;\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stderr := cancelling{cancel: cancel}
	code := report(&stderr, run(ctx, []string{"migrate", "up", "--db", "app.db"}, nil, io.Discard, &stderr))
	want := regexp.MustCompile(`^applied 00001_books.sql in [0-9.]+ s\nduolite: 00002_long.sql isn't applied; duolite migrate up goes on\nduolite: interrupted\n$`)
	if code != exitInterrupted || !want.MatchString(stderr.String()) {
		t.Errorf("exit code %d, stderr %q; want 130, and %s", code, &stderr, want)
	}
	var stdout bytes.Buffer
	if err := run(t.Context(), []string{"migrate", "status", "--db", "app.db"}, nil, &stdout, io.Discard); err != nil {
		t.Error(err)
	}
	if want := "VERSION  STATE    NAME\n      1  applied  00001_books.sql\n      2  pending  00002_long.sql\n"; stdout.String() != want {
		t.Errorf("the status is\n%swant\n%s", &stdout, want)
	}
}

// cancelWhen cancels ctx when a file exists.
func cancelWhen(ctx context.Context, cancel func(), file string) {
	for ctx.Err() == nil {
		if _, err := os.Stat(file); err == nil {
			cancel()
		}
		time.Sleep(10 * time.Millisecond)
	}
}
