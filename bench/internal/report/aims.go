package report

import (
	"fmt"

	"github.com/duolite/duolite/bench/internal/suite"
)

// An aim is what duolite wants to reach. It may miss it, and then the report says so.
type aim struct {
	text  string
	bound float64
	// least: the bound is the least that is wanted, and not the most.
	least bool
	value func(f *figures) (spread, bool)
}

// against returns duolite's figure as a multiple of another contestant's.
func against(section, workload string, delay int64, other string, m metric) func(*figures) (spread, bool) {
	return func(f *figures) (spread, bool) {
		at := f.find(section, workload, delay)
		return f.ratio(at, suite.Ours, at, other, m)
	}
}

func ours(section, workload string, delay int64, m metric) func(*figures) (spread, bool) {
	return func(f *figures) (spread, bool) { return f.of(f.find(section, workload, delay), suite.Ours, m) }
}

func faster(m metric) metric {
	return func(r suite.Run) float64 { return 1 / m(r) }
}

// growth returns how much longer the largest database takes than the smallest.
func growth(workload string) func(*figures) (spread, bool) {
	return func(f *figures) (spread, bool) {
		var small, large place
		for _, at := range f.in("growth", 0) {
			if at.workload == workload {
				if small.size == 0 {
					small = at
				}
				large = at
			}
		}
		return f.ratio(large, suite.Ours, small, suite.Ours, wall)
	}
}

var aims = []aim{
	{"point read, × the time of mattn, sqlc", 1, false, against("local", "point", 0, "mattn, sqlc", wall)},
	{"point read, × mattn, prepared", 1, false, against("local", "point", 0, "mattn, prepared", wall)},
	{"point read, × modernc, sqlc", 0.5, false, against("local", "point", 0, "modernc, sqlc", wall)},
	{"point read, allocations, × mattn, prepared", 1, false, against("local", "point", 0, "mattn, prepared", allocs)},
	{"a context that can be canceled, × the same point read without", 1.1, false, func(f *figures) (spread, bool) {
		return f.ratio(f.find("local", "point-ctx", 0), suite.Ours, f.find("local", "point", 0), suite.Ours, wall)
	}},
	{"10,000 rows, × mattn, sqlc", 1, false, against("local", "scan", 0, "mattn, sqlc", wall)},
	{"10,000 rows, × mattn, prepared", 1, false, against("local", "scan", 0, "mattn, prepared", wall)},
	{"rows in one transaction, × C", 2, false, against("local", "insert-tx", 0, suite.LocalLimit, wall)},
	{"insert by itself, × C", 1.3, false, against("local", "insert", 0, suite.LocalLimit, wall)},
	{"insert by itself, times as fast as modernc, defaults", 20, true, against("local", "insert", 0, "modernc, defaults", faster(wall))},
	{"8 readers and 1 writer: reads, × mattn, prepared", 1.5, true, against("local", "mixed", 0, "mattn, prepared", reads)},
	{"8 readers and 1 writer: reads, × modernc, prepared", 4, true, against("local", "mixed", 0, "modernc, prepared", reads)},
	{"8 readers and 1 writer: errors of locks", 0, false, ours("local", "mixed", 0, func(r suite.Run) float64 { return float64(r.Busy) })},
	{"8 readers and 1 writer: the slowest of 100 reads, ms", 5, false, ours("local", "mixed", 0, func(r suite.Run) float64 { return r.P99 / 1e6 })},
	{"server, point read at 0 ms, × ideal client", 1.1, false, against("remote", "point", 0, suite.RemoteLimit, wall)},
	{"server, requests of a point read", 1, false, ours("remote", "point", 10, func(r suite.Run) float64 { return r.Requests })},
	{"server, 16 × 50 point reads at 0 ms, × ideal client", 1.1, false, against("remote", "concurrent", 0, suite.RemoteLimit, wall)},
	{"server, 16 × 50 point reads, connections", 16, false, ours("remote", "concurrent", 10, func(r suite.Run) float64 { return float64(r.Connections) })},
	{"server, 16 × 50 point reads at 0 ms, times as fast as libsql-client-go", 5, true, against("remote", "concurrent", 0, "libsql-client-go http", faster(wall))},
	{"server, 1,000 inserts by one call at 0 ms, × ideal client", 1.2, false, against("remote", "batch", 0, suite.RemoteLimit, wall)},
	{"server, 1,000 inserts by one call, requests", 1, false, ours("remote", "batch", 10, func(r suite.Run) float64 { return r.Requests })},
	{"server, 10,000 rows at 0 ms, × ideal client", 1.5, false, against("remote", "scan", 0, suite.RemoteLimit, wall)},
	{"server, 10,000 rows at 0 ms, times as fast as libsql-client-go", 3, true, against("remote", "scan", 0, "libsql-client-go http", faster(wall))},
	{"`marks list`, a page, at the most bookmarks, × at 1,000", 1.2, false, growth("first-page")},
	{"the same from the middle", 1.2, false, growth("page")},
}

// met reports whether the median reaches the aim.
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
