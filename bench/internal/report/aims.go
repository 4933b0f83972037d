package report

import (
	"fmt"

	"github.com/duolite/duolite/bench/internal/suite"
)

// An aim is a goal for duolite's figures. The report shows whether it is met.
type aim struct {
	text  string
	bound float64
	// least: bound is a minimum, not a maximum.
	least bool
	value value
	// counted: the figure isn't a time, so there is none for CPU time.
	counted bool
}

// A value computes the figure of an aim. Values of times use the given metric.
type value func(f *figures, time metric) (spread, bool)

// against returns duolite's time as a multiple of another contestant's time.
func against(section, workload string, delay int64, other string) value {
	return func(f *figures, time metric) (spread, bool) {
		at := f.find(section, workload, delay)
		return f.ratio(at, suite.Ours, at, other, time)
	}
}

// ahead returns another contestant's time as a multiple of duolite's time.
func ahead(section, workload string, delay int64, other string) value {
	return func(f *figures, time metric) (spread, bool) {
		at := f.find(section, workload, delay)
		return f.ratio(at, other, at, suite.Ours, time)
	}
}

// beside returns duolite's figure, other than a time, as a multiple of another contestant's
// figure.
func beside(section, workload string, delay int64, other string, m metric) value {
	return func(f *figures, _ metric) (spread, bool) {
		at := f.find(section, workload, delay)
		return f.ratio(at, suite.Ours, at, other, m)
	}
}

func ours(section, workload string, delay int64, m metric) value {
	return func(f *figures, _ metric) (spread, bool) {
		return f.of(f.find(section, workload, delay), suite.Ours, m)
	}
}

// growth returns the time with the largest database as a multiple of the time with the
// smallest.
func growth(workload string) value {
	return func(f *figures, time metric) (spread, bool) {
		var small, large place
		for _, at := range f.in("growth", 0) {
			if at.workload == workload {
				if small.size == 0 {
					small = at
				}
				large = at
			}
		}
		return f.ratio(large, suite.Ours, small, suite.Ours, time)
	}
}

var aims = []aim{
	{"point read, × the time of mattn, sqlc", 1, false, against("local", "point", 0, "mattn, sqlc"), false},
	{"point read, × mattn, sqlc, with its cache", 1, false, against("local", "point", 0, "mattn, sqlc, cache"), false},
	{"point read, × mattn, prepared", 1, false, against("local", "point", 0, "mattn, prepared"), false},
	{"point read, × modernc, sqlc", 0.5, false, against("local", "point", 0, "modernc, sqlc"), false},
	{"point read, allocations, × mattn, prepared", 1, false, beside("local", "point", 0, "mattn, prepared", allocs), true},
	{"a context that can be canceled, × the same point read without", 1.1, false, func(f *figures, time metric) (spread, bool) {
		return f.ratio(f.find("local", "point-ctx", 0), suite.Ours, f.find("local", "point", 0), suite.Ours, time)
	}, false},
	{"the same by Lean", 1.1, false, func(f *figures, time metric) (spread, bool) {
		return f.ratio(f.find("local", "point-ctx", 0), suite.OursLean, f.find("local", "point", 0), suite.OursLean, time)
	}, false},
	{"10,000 rows, × mattn, sqlc", 1, false, against("local", "scan", 0, "mattn, sqlc"), false},
	{"10,000 rows, × mattn, prepared", 1, false, against("local", "scan", 0, "mattn, prepared"), false},
	{"rows in one transaction, × C", 2, false, against("local", "insert-tx", 0, suite.LocalLimit), false},
	{"insert by itself, × C", 1.3, false, against("local", "insert", 0, suite.LocalLimit), false},
	{"insert by itself, times as fast as modernc, defaults", 20, true, ahead("local", "insert", 0, "modernc, defaults"), false},
	{"open a file and read a row, × mattn, sqlc", 1, false, against("local", "open", 0, "mattn, sqlc"), false},
	{"insert rows in the way meant for many, × mattn, prepared", 1, false, against("local", "bulk", 0, "mattn, prepared"), false},
	{"8 readers and 1,000 writes a second: reads, × mattn, prepared", 1.5, true, beside("local", "mixed-rate", 0, "mattn, prepared", reads), true},
	{"8 readers and 1 writer: reads, × mattn, prepared", 1, true, beside("local", "mixed", 0, "mattn, prepared", reads), true},
	{"8 readers and 1 writer: writes, × mattn, prepared", 1, true, beside("local", "mixed", 0, "mattn, prepared", writes), true},
	{"8 readers and 1 writer: the slowest of 100 writes, × mattn, prepared", 1, false, beside("local", "mixed", 0, "mattn, prepared", func(r suite.Run) float64 { return r.WriteP99 }), true},
	{"8 readers and 1 writer: errors of locks", 0, false, ours("local", "mixed", 0, func(r suite.Run) float64 { return float64(r.Busy) }), true},
	{"8 readers and 1 writer: the slowest of 100 reads, ms", 5, false, ours("local", "mixed", 0, func(r suite.Run) float64 { return r.P99 / 1e6 }), true},
	{"100,000 wide rows, point read, × mattn, prepared", 1, false, against("large", "point", 0, "mattn, prepared"), false},
	{"100,000 wide rows, join, × mattn, prepared", 1, false, against("large", "join", 0, "mattn, prepared"), false},
	{"100,000 wide rows, 10,000 rows, × zombiezen", 1, false, against("large", "scan", 0, "zombiezen"), false},
	{"100,000 wide rows, insert by itself, × mattn, prepared", 1, false, against("large", "insert", 0, "mattn, prepared"), false},
	{"100,000 wide rows, rows in one transaction, × mattn, prepared", 1, false, against("large", "insert-tx", 0, "mattn, prepared"), false},
	{"100,000 wide rows, the way meant for many, × mattn, prepared", 1, false, against("large", "bulk", 0, "mattn, prepared"), false},
	{"100,000 wide rows, 8 readers and 1 writer: reads, × mattn, prepared", 1, true, beside("large", "mixed", 0, "mattn, prepared", reads), true},
	{"100,000 wide rows, 8 readers and 1 writer: writes, × mattn, prepared", 1, true, beside("large", "mixed", 0, "mattn, prepared", writes), true},
	{"server, point read at 0 ms, × ideal client", 1.1, false, against("remote", "point", 0, suite.RemoteLimit), false},
	{"server, requests of a point read", 1, false, ours("remote", "point", 10, func(r suite.Run) float64 { return r.Requests }), true},
	{"server, 16 × 50 point reads at 0 ms, × ideal client", 1.1, false, against("remote", "concurrent", 0, suite.RemoteLimit), false},
	{"server, 16 × 50 point reads, connections", 16, false, ours("remote", "concurrent", 10, func(r suite.Run) float64 { return float64(r.Connections) }), true},
	{"server, 16 × 50 point reads at 0 ms, times as fast as libsql-client-go", 5, true, ahead("remote", "concurrent", 0, "libsql-client-go http"), false},
	{"server, 1,000 inserts by one call at 0 ms, × ideal client", 1.2, false, against("remote", "batch", 0, suite.RemoteLimit), false},
	{"server, 1,000 inserts by one call, requests", 1, false, ours("remote", "batch", 10, func(r suite.Run) float64 { return r.Requests }), true},
	{"server, six reads of a page at 10 ms, × ideal client", 1.1, false, against("remote", "six-reads", 10, suite.RemoteLimit), false},
	{"server, six reads of a page, requests", 1, false, ours("remote", "six-reads", 10, func(r suite.Run) float64 { return r.Requests }), true},
	{"server, 1,000 inserts in bulk, requests", 1, false, ours("remote", "bulk", 10, func(r suite.Run) float64 { return r.Requests }), true},
	{"server, 10,000 rows at 0 ms, × ideal client", 1.5, false, against("remote", "scan", 0, suite.RemoteLimit), false},
	{"server, 10,000 rows at 0 ms, times as fast as libsql-client-go", 3, true, ahead("remote", "scan", 0, "libsql-client-go http"), false},
	{"`marks list`, a page, at the most bookmarks, × at 1,000", 1.2, false, growth("first-page"), false},
	{"the same from the middle", 1.2, false, growth("page"), false},
}

// met reports whether the median meets the aim, rounded as shown.
func (a aim) met(s spread) bool {
	if a.least {
		return s.median >= a.bound
	}
	return s.median <= a.bound+0.005
}

func (a aim) want() string {
	if a.least {
		return fmt.Sprintf("at least %v", a.bound)
	}
	return fmt.Sprintf("at most %v", a.bound)
}
