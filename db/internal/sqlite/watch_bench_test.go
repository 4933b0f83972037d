package sqlite

import (
	"context"
	"database/sql/driver"
	"os"
	"testing"

	"github.com/duolite/duolite/internal/sqltext"
)

// BenchmarkWatch measures what it costs to notice that a file isn't where it was: a look at the
// file, at the file and its log, one that is left out since another one was a short while
// ago; a read of a row with all of that and without it; and, to compare, how long
// it takes to move a file twice.
func BenchmarkWatch(b *testing.B) {
	c := benchEngine(b)
	w := c.watch
	b.Run("file", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			must(b, w.checkFile())
		}
	})
	b.Run("file and log", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			must(b, w.checkNow())
		}
	})
	b.Run("left out", func(b *testing.B) {
		for b.Loop() {
			w.checked = 1 << 62
			must(b, w.check())
		}
	})
	w.checked = 0
	read := func(b *testing.B) {
		s := prepare(b, c, sqltext.Read, benchSelect)
		args, dest := []driver.Value{int64(500)}, make([]driver.Value, 5)
		for b.Loop() {
			readAll(b, s, context.Background(), args, dest)
		}
	}
	b.Run("read", read)
	b.Run("read without", func(b *testing.B) {
		c.watch = nil
		defer func() { c.watch = w }()
		read(b)
	})
	b.Run("move", func(b *testing.B) {
		path := b.TempDir() + "/file"
		must(b, os.WriteFile(path, nil, 0o600))
		for b.Loop() {
			must(b, os.Rename(path, path+".old"))
			must(b, os.Rename(path+".old", path))
		}
	})
}
