package suite

import "time"

// A Plan says how much is measured.
type Plan struct {
	Form   string // "short" or "full"
	Rounds int
	// Time is the duration of a workload, MixedTime the duration of the workload with readers
	// beside a writer.
	Time, MixedTime time.Duration
	// InsertRows is the number of rows in a transaction, IterateRows the number of rows to
	// iterate over.
	InsertRows, IterateRows int
	// Delays are the network round-trip times to the server.
	Delays []time.Duration
	// Sizes are the numbers of bookmarks for the section growth.
	Sizes []int
	// Large is the number of wide rows of the files that are read only.
	Large int
}

// Short takes some minutes, Full some tens of minutes.
var (
	Short = Plan{
		Form: "short", Rounds: 3,
		Time: 100 * time.Millisecond, MixedTime: 500 * time.Millisecond,
		InsertRows: 10_000, IterateRows: 100_000,
		Delays: []time.Duration{0, 10 * time.Millisecond},
		Sizes:  []int{1_000, 10_000, 100_000},
		Large:  200_000,
	}
	Full = Plan{
		Form: "full", Rounds: 5,
		Time: 500 * time.Millisecond, MixedTime: 2500 * time.Millisecond,
		InsertRows: 100_000, IterateRows: 1_000_000,
		Delays: []time.Duration{0, 10 * time.Millisecond, 40 * time.Millisecond},
		Sizes:  []int{1_000, 10_000, 100_000, 1_000_000},
		Large:  1_000_000,
	}
)

// seeded is the number of bookmarks, except in workloads about other sizes.
const seeded = 10_000

// A Workload is a workload of package work, with its size.
type Workload struct {
	Name string
	Rows int // per operation
	// Title describes an operation.
	Title string
	Time  time.Duration
	// Seeded is the number of bookmarks.
	Seeded int
	// Wide: the bookmarks have long notes.
	Wide bool
	// Rate is the number of writes a second beside readers, or 0 for as many as possible.
	Rate int
}

// reads reports whether the workload only reads.
func (w Workload) reads() bool { return w.Name == "point" || w.Name == "join" || w.Name == "scan" }

// writeRate is the fixed number of writes a second of the workload mixed-rate.
const writeRate = 1_000

func (p Plan) local() []Workload {
	return []Workload{
		{Name: "point", Rows: 1, Title: "read a row by its id", Time: p.Time, Seeded: seeded},
		{Name: "point-ctx", Rows: 1, Title: "the same, with a context that can be canceled", Time: p.Time, Seeded: seeded},
		{Name: "insert", Rows: 1, Title: "insert a row, by itself", Time: p.Time, Seeded: seeded},
		{Name: "insert-tx", Rows: p.InsertRows, Title: "insert rows in one transaction, a statement each", Time: p.Time, Seeded: seeded},
		{Name: "bulk", Rows: p.InsertRows, Title: "insert rows in the way meant for many", Time: p.Time, Seeded: seeded},
		{Name: "scan", Rows: 10_000, Title: "read 10,000 rows into a slice", Time: p.Time, Seeded: seeded},
		{Name: "join", Rows: 50, Title: "join, 50 rows", Time: p.Time, Seeded: seeded},
		{Name: "mixed", Rows: 1, Title: "8 readers and 1 writer", Time: p.MixedTime, Seeded: seeded},
		{Name: "mixed-rate", Rows: 1, Title: "8 readers and 1,000 writes a second", Time: p.MixedTime, Seeded: seeded, Rate: writeRate},
		{Name: "open", Rows: 1, Title: "open the file, read a row, close the file", Time: p.Time, Seeded: seeded},
		{Name: "iterate", Rows: p.IterateRows, Title: "go through all rows, holding none", Time: p.Time, Seeded: p.IterateRows},
	}
}

func (p Plan) large() []Workload {
	all := []Workload{
		{Name: "point", Rows: 1, Title: "read a row by its id", Time: p.Time, Seeded: large},
		{Name: "join", Rows: 50, Title: "join, 50 rows", Time: p.Time, Seeded: large},
		{Name: "scan", Rows: 10_000, Title: "read 10,000 rows into a slice", Time: p.Time, Seeded: large},
		{Name: "insert", Rows: 1, Title: "insert a row, by itself", Time: p.Time, Seeded: large},
		{Name: "insert-tx", Rows: 10_000, Title: "insert 10,000 rows in one transaction, a statement each", Time: p.Time, Seeded: large},
		{Name: "bulk", Rows: 10_000, Title: "insert 10,000 rows in the way meant for many", Time: p.Time, Seeded: large},
		{Name: "mixed", Rows: 1, Title: "8 readers and 1 writer", Time: p.MixedTime, Seeded: large},
		{Name: "mixed-rate", Rows: 1, Title: "8 readers and 1,000 writes a second", Time: p.MixedTime, Seeded: large, Rate: writeRate},
		{Name: "point", Rows: 1, Title: "read a row by its id", Time: p.Time, Seeded: p.Large},
		{Name: "join", Rows: 50, Title: "join, 50 rows", Time: p.Time, Seeded: p.Large},
		{Name: "scan", Rows: 10_000, Title: "read 10,000 rows into a slice", Time: p.Time, Seeded: p.Large},
	}
	for i := range all {
		all[i].Wide = true
	}
	return all
}

func (p Plan) remote() []Workload {
	return []Workload{
		{Name: "point", Rows: 1, Title: "read a row by its id", Time: p.Time, Seeded: seeded},
		{Name: "insert", Rows: 1, Title: "insert a row, by itself", Time: p.Time, Seeded: seeded},
		{Name: "tx", Rows: 3, Title: "a transaction: read, update, insert", Time: p.Time, Seeded: seeded},
		{Name: "six-reads", Rows: 6, Title: "six reads of one page", Time: p.Time, Seeded: seeded},
		{Name: "insert-tx", Rows: 100, Title: "100 inserts in one transaction, a statement each", Time: p.Time, Seeded: seeded},
		{Name: "batch", Rows: 1_000, Title: "1,000 inserts by one call", Time: p.Time, Seeded: seeded},
		{Name: "bulk", Rows: 1_000, Title: "1,000 inserts in the way meant for many", Time: p.Time, Seeded: seeded},
		{Name: "concurrent", Rows: 1, Title: "16 goroutines, 50 reads each", Time: p.Time, Seeded: seeded},
		{Name: "scan", Rows: 10_000, Title: "read 10,000 rows into a slice", Time: p.Time, Seeded: seeded},
	}
}
