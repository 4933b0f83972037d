package contract

import (
	"database/sql/driver"
	"testing"
)

// BenchmarkArgs makes ready the arguments of an INSERT as sqlc writes it.
func BenchmarkArgs(b *testing.B) {
	params := []string{"?1", "?2", "?3", "?4", "?5"}
	given := []any{"https://example.com/a/page", "The title of the page", int64(1) << 40, 0.5, []byte("a note")}
	args := make([]driver.NamedValue, len(given))
	values := make([]driver.Value, 0, len(params))
	b.ReportAllocs()
	for b.Loop() {
		for i, value := range given {
			stored, err := Storable(value)
			if err != nil {
				b.Fatal(err)
			}
			args[i] = driver.NamedValue{Ordinal: i + 1, Value: stored}
		}
		var err error
		if values, err = bind(values[:0], params, args); err != nil {
			b.Fatal(err)
		}
	}
}
