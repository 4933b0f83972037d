package suite

import "time"

// A Setting is a default of duolite with its alternatives.
type Setting struct {
	// Name is the name in reports, Why the conclusion from the figures.
	Name, Why string
	// Values begins with the default; the alternatives follow.
	Values    []Contestant
	Workloads []Workload
	// Remote is set if the workloads run on a server.
	Remote bool
}

// Section is the section of the setting's runs.
func (s Setting) Section() string { return "defaults/" + s.Name }

// value returns duolite with other settings.
func value(name, settings string) Contestant {
	return Contestant{Name: name, Program: "duolite", Way: "sqlc", Settings: settings}
}

// marksValue returns duolite with the example's tables.
func marksValue(name, settings string) Contestant {
	c := value(name, settings)
	c.Way = growing.Way
	return c
}

// large is the number of bookmarks for settings about databases that exceed the page cache.
const large = 100_000

// Settings returns the defaults of duolite that are based on measurements.
func (p Plan) Settings() []Setting {
	mixed := func(seeded int) Workload {
		return Workload{Name: "mixed", Rows: 1, Title: "8 readers and 1 writer", Time: min(p.MixedTime, 2*time.Second), Seeded: seeded}
	}
	// Long enough to read the file several times.
	point := Workload{Name: "point", Rows: 1, Title: "read a row by its id", Time: max(p.Time, 2*time.Second), Seeded: large}
	join := Workload{Name: "join", Rows: 50, Title: "join, 50 rows", Time: p.Time, Seeded: large}
	insert := Workload{Name: "insert", Rows: 1, Title: "insert a row, by itself", Time: p.Time, Seeded: seeded}
	insertTx := Workload{Name: "insert-tx", Rows: 10_000, Title: "10,000 inserts in one transaction", Time: p.Time, Seeded: seeded}
	scan := Workload{Name: "scan", Rows: 10_000, Title: "read 10,000 rows", Time: p.Time, Seeded: large}
	concurrent := Workload{Name: "concurrent", Rows: 1, Title: "16 goroutines, 50 reads each", Time: p.Time, Seeded: seeded}
	return []Setting{
		{
			Name:      "page caches of a pool",
			Why:       "Besides SQLite's 2 MB for each connection; shared by all connections of a pool: `WithCacheSize`. The system keeps the file's pages too, so that a larger cache saves system calls and no disk; another connection's commit empties it.",
			Values:    []Contestant{value("64 MB", ""), value("none", "cache=0"), value("16 MB", "cache=16777216"), value("256 MB", "cache=268435456")},
			Workloads: wides(point, join, mixed(large), insertTx),
		},
		{
			Name:      "memory-mapped file",
			Why:       "SQLite's own. What it saves is the copy of a page that isn't cached; with it an error of the disk would end the program, by a signal, in place of being an error.",
			Values:    []Contestant{value("none", ""), value("256 MB", "mmap_size=268435456")},
			Workloads: []Workload{point, join, scan, mixed(large)},
		},
		{
			Name:      "checkpoint after",
			Why:       "SQLite's own. A longer log takes work from some commits, and gives all of it to one.",
			Values:    []Contestant{value("1,000 pages", ""), value("100 pages", "wal_autocheckpoint=100"), value("10,000 pages", "wal_autocheckpoint=10000")},
			Workloads: []Workload{insert, insertTx, mixed(seeded)},
		},
		{
			Name:      "synchronous",
			Why:       "With a write-ahead log neither can damage a file. FULL waits for the disk at each commit; with NORMAL a power cut, not a crash of the program, can undo the latest ones: `WithFullSync`.",
			Values:    []Contestant{value("NORMAL", ""), value("FULL", "synchronous=FULL")},
			Workloads: []Workload{insert, insertTx, mixed(seeded)},
		},
		{
			Name:   "statistics for the planner",
			Why:    "Nothing is analyzed unasked: opening a database writes nothing into it, and with statistics SQLite compiles some queries anew for each value. Where a query needs statistics, run `PRAGMA optimize` after the data has changed much.",
			Values: []Contestant{marksValue("none", ""), marksValue("PRAGMA optimize", "optimize=0x10002")},
			Workloads: []Workload{
				{Name: "first-page", Rows: 50, Title: "the first page of `marks list`", Time: p.Time, Seeded: large},
				{Name: "page", Rows: 50, Title: "a page from the middle", Time: p.Time, Seeded: large},
				{Name: "search", Rows: 20, Title: "full-text search", Time: p.Time, Seeded: large},
				{Name: "lookup", Rows: 1, Title: "find a bookmark by its URL", Time: p.Time, Seeded: large},
				{Name: "import", Rows: 100, Title: "import 100 bookmarks", Time: p.Time, Seeded: large},
			},
		},
		{
			Name:      "connections to a file",
			Why:       "Above what a small program uses at once: who waits for a connection waits for another's whole query.",
			Values:    []Contestant{value("16", ""), value("1", "conns=1"), value("4", "conns=4"), value("8", "conns=8"), value("32", "conns=32")},
			Workloads: []Workload{mixed(seeded), concurrent},
		},
		{
			Name:      "connections to a file kept when idle",
			Why:       "All. `database/sql` alone keeps 2, and closes and opens the others time and again.",
			Values:    []Contestant{value("16", ""), value("2", "idle=2")},
			Workloads: []Workload{mixed(seeded), concurrent},
		},
		{
			Name:      "connections to a server",
			Why:       "What is under way at once is what hides the network; more wait in the server.",
			Values:    []Contestant{value("16", ""), value("4", "conns=4"), value("8", "conns=8"), value("32", "conns=32")},
			Workloads: []Workload{concurrent},
			Remote:    true,
		},
		{
			Name:      "connections to a server kept when idle",
			Why:       "All, for 30 s, which is below what proxies on the way commonly allow. A stream is used again for 8 s: sqld ends it after 10.",
			Values:    []Contestant{value("16", ""), value("2", "idle=2")},
			Workloads: []Workload{concurrent},
			Remote:    true,
		},
	}
}

// wides returns workloads with wide rows.
func wides(workloads ...Workload) []Workload {
	for i := range workloads {
		workloads[i].Wide, workloads[i].Seeded = true, large
	}
	return workloads
}
