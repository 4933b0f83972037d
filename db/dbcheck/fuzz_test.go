package dbcheck_test

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/duolite/duolite/db/dbcheck"
)

// FuzzSource: no text makes it panic, and what it finds is at a line that there is.
func FuzzSource(f *testing.F) {
	for _, file := range []string{"panics", "names", "lost", "texts"} {
		text, err := os.ReadFile("testdata/source/" + file + ".sql")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add("-- name: A :one\n)?1 between -?;-- name: B :many\nselect not (\"x\" in (sqlc.slice(a")
	f.Add("-- name: A :one\nSELECT log(")
	f.Fuzz(func(t *testing.T, text string) {
		findings, err := dbcheck.Source(fstest.MapFS{"q.sql": {Data: []byte(text)}})
		if err != nil {
			t.Fatal(err)
		}
		for _, finding := range findings {
			if finding.Line < 1 || finding.Line > len(text)+1 || finding.String() == "" {
				t.Errorf("%v", finding)
			}
		}
	})
}
