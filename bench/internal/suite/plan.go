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
}

// Short takes some minutes, Full some tens of minutes.
var (
	Short = Plan{
		Form: "short", Rounds: 3,
		Time: 100 * time.Millisecond, MixedTime: 500 * time.Millisecond,
		InsertRows: 10_000, IterateRows: 100_000,
		Delays: []time.Duration{0, 10 * time.Millisecond},
		Sizes:  []int{1_000, 10_000, 100_000},
	}
	Full = Plan{
		Form: "full", Rounds: 5,
		Time: 700 * time.Millisecond, MixedTime: 5 * time.Second,
		InsertRows: 100_000, IterateRows: 1_000_000,
		Delays: []time.Duration{0, 10 * time.Millisecond, 40 * time.Millisecond},
		Sizes:  []int{1_000, 10_000, 100_000, 1_000_000},
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
}

func (p Plan) local() []Workload {
	return []Workload{
		{"point", 1, "read a row by its id", p.Time, seeded},
		{"point-ctx", 1, "the same, with a context that can be canceled", p.Time, seeded},
		{"insert", 1, "insert a row, by itself", p.Time, seeded},
		{"insert-tx", p.InsertRows, "insert rows in one transaction, a statement each", p.Time, seeded},
		{"bulk", p.InsertRows, "insert rows in the way meant for many", p.Time, seeded},
		{"scan", 10_000, "read 10,000 rows into a slice", p.Time, seeded},
		{"join", 50, "join, 50 rows", p.Time, seeded},
		{"mixed", 1, "8 readers and 1 writer", p.MixedTime, seeded},
		{"iterate", p.IterateRows, "go through all rows, holding none", p.Time, p.IterateRows},
	}
}

func (p Plan) remote() []Workload {
	return []Workload{
		{"point", 1, "read a row by its id", p.Time, seeded},
		{"insert", 1, "insert a row, by itself", p.Time, seeded},
		{"tx", 3, "a transaction: read, update, insert", p.Time, seeded},
		{"six-reads", 6, "six reads of one page", p.Time, seeded},
		{"insert-tx", 100, "100 inserts in one transaction, a statement each", p.Time, seeded},
		{"batch", 1_000, "1,000 inserts by one call", p.Time, seeded},
		{"bulk", 1_000, "1,000 inserts in the way meant for many", p.Time, seeded},
		{"concurrent", 1, "16 goroutines, 50 reads each", p.Time, seeded},
		{"scan", 10_000, "read 10,000 rows into a slice", p.Time, seeded},
	}
}
