//go:build unix

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
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

// cancelWhen cancels ctx when a file exists.
func cancelWhen(ctx context.Context, cancel func(), file string) {
	for ctx.Err() == nil {
		if _, err := os.Stat(file); err == nil {
			cancel()
		}
		time.Sleep(10 * time.Millisecond)
	}
}
