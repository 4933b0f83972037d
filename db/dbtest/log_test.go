package dbtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestLogTail(t *testing.T) {
	t.Parallel()
	token := newKeyPair().token(ReadWrite, time.Now())
	text := strings.Repeat("a line of a log\n", 10_000) + "Bearer " + token + ", it said\n"
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := logTail(path)
	if err != nil {
		t.Fatal(err)
	}
	check(t, "tail", got, strings.Repeat("a line of a log\n", tailLines-1)+"Bearer [token], it said")
}

func TestLastLines(t *testing.T) {
	t.Parallel()
	check(t, "none", lastLines("", 2), "")
	check(t, "fewer", lastLines("a\n", 2), "a")
	check(t, "as many", lastLines("a\nb\n", 2), "a\nb")
	check(t, "more", lastLines("a\nb\n\nd", 2), "\nd")
}

func TestLogOutputIsOfOneRun(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	for _, run := range []string{"first\n", "second\n"} {
		log, err := openLog(path)
		if err != nil {
			t.Fatal(err)
		}
		defer log.Close()
		if _, err := log.WriteString(run); err != nil {
			t.Fatal(err)
		}
		got, err := log.output()
		if err != nil {
			t.Fatal(err)
		}
		check(t, "output", string(got), run)
	}
}
