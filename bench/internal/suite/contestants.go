// Package suite builds the contestants and runs them in rounds. In each round the contestants
// run a workload one right after the other, so that other activity of the machine affects all
// of them, and ratios compare figures that were measured side by side.
package suite

// A Contestant is a program with one of its ways to open a database.
type Contestant struct {
	// Name is the name in reports.
	Name string
	// Program is the folder in contestant/, Way the value of its flag.
	Program, Way string
	// Cgo is set if the build needs a C compiler.
	Cgo bool
	// Scheme is the scheme of a server's URL; "" means http.
	Scheme string
	// Settings replace duolite's defaults.
	Settings string
	// Go is the version of Go; "" means GoVersion.
	Go string
	// Only lists the workloads of the contestant; nil means all.
	Only []string
}

// GoVersion is the version of Go that builds the contestants. If it can't be had, the version in use
// does.
const GoVersion = "go1.27.1"

// The contestants with which the others are compared, on files and on servers.
const (
	LocalLimit  = "C"
	RemoteLimit = "ideal client"
	Ours        = "duolite"
	OursLean    = "duolite, Lean"
	OursCollect = "duolite, Collect"
	OursJSON    = "duolite, json_each"
	OursOlder   = "duolite, Go 1.26"
)

// Local lists the contestants on files.
var Local = []Contestant{
	{Name: LocalLimit, Program: "c"},
	{Name: Ours, Program: "duolite", Way: "sqlc"},
	{Name: OursLean, Program: "duolite", Way: "lean", Only: []string{"point", "point-ctx", "mixed", "mixed-rate"}},
	{Name: OursCollect, Program: "duolite", Way: "collect", Only: []string{"scan"}},
	{Name: OursJSON, Program: "duolite", Way: "json", Only: []string{"bulk"}},
	{Name: OursOlder, Program: "duolite", Way: "sqlc", Go: "go1.26.8", Only: []string{"point", "scan", "join", "iterate"}},
	{Name: "mattn, sqlc", Program: "mattn", Way: "sqlc", Cgo: true},
	{Name: "mattn, sqlc, cache", Program: "mattn", Way: "cached", Cgo: true},
	{Name: "mattn, prepared", Program: "mattn", Way: "prepared", Cgo: true},
	{Name: "modernc, defaults", Program: "modernc", Way: "defaults"},
	{Name: "modernc, sqlc", Program: "modernc", Way: "sqlc"},
	{Name: "modernc, prepared", Program: "modernc", Way: "prepared"},
	{Name: "ncruces, sqlc", Program: "ncruces", Way: "sqlc"},
	{Name: "zombiezen", Program: "zombiezen", Way: "direct"},
	{Name: "sqlx", Program: "orm", Way: "sqlx"},
	{Name: "bun", Program: "orm", Way: "bun"},
	{Name: "gorm", Program: "orm", Way: "gorm"},
}

// Large lists the contestants on files with many wide rows: those that are tuned by hand, and duolite.
// All but duolite have a page cache of CacheMB for each connection; duolite has its default.
var Large = []Contestant{
	{Name: LocalLimit, Program: "c"},
	{Name: Ours, Program: "duolite", Way: "sqlc"},
	{Name: OursCollect, Program: "duolite", Way: "collect", Only: []string{"scan"}},
	{Name: "mattn, sqlc, cache", Program: "mattn", Way: "cached", Cgo: true},
	{Name: "mattn, prepared", Program: "mattn", Way: "prepared", Cgo: true},
	{Name: "modernc, prepared", Program: "modernc", Way: "prepared"},
	{Name: "ncruces, sqlc", Program: "ncruces", Way: "sqlc"},
	{Name: "zombiezen", Program: "zombiezen", Way: "direct"},
}

// CacheMB is as large as the cache that the connections of duolite's pool share.
const CacheMB = 64

// Remote lists the contestants on a server.
var Remote = []Contestant{
	{Name: RemoteLimit, Program: "ideal", Way: "stream"},
	{Name: Ours, Program: "duolite", Way: "sqlc"},
	{Name: OursJSON, Program: "duolite", Way: "json", Only: []string{"bulk"}},
	{Name: "libsql-client-go http", Program: "clientgo", Way: "sqlc"},
	{Name: "libsql-client-go ws", Program: "clientgo", Way: "sqlc", Scheme: "ws"},
	{Name: "go-libsql", Program: "golibsql", Way: "sqlc", Cgo: true},
	{Name: "@libsql/client http", Program: "node"},
	{Name: "@libsql/client ws", Program: "node", Scheme: "ws"},
}
