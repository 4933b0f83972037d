// Package suite builds the contestants and runs them, in rounds: in each, every contestant
// runs a workload right after the others, so that what else the machine does meets all of
// them, and ratios are of figures that were taken side by side.
package suite

// A Contestant is a program with one of its ways to open a database.
type Contestant struct {
	// Name is how reports call it.
	Name string
	// Program is the folder in contestant/, Way its flag.
	Program, Way string
	// Cgo is that its build needs a C compiler.
	Cgo bool
	// Scheme is what the URL of a server begins with; "" is http.
	Scheme string
	// Settings are duolite's, where they aren't its defaults.
	Settings string
	// Only are the workloads in which it takes part; nil is all.
	Only []string
}

// Limit is the name of the contestant that the others are compared with, on files and on
// servers.
const (
	LocalLimit  = "C"
	RemoteLimit = "ideal client"
	Ours        = "duolite"
	OursLean    = "duolite, Lean"
)

// Local are those on files.
var Local = []Contestant{
	{Name: LocalLimit, Program: "c"},
	{Name: Ours, Program: "duolite", Way: "sqlc"},
	{Name: OursLean, Program: "duolite", Way: "lean", Only: []string{"point", "point-ctx", "mixed"}},
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

// Remote are those on a server.
var Remote = []Contestant{
	{Name: RemoteLimit, Program: "ideal", Way: "stream"},
	{Name: Ours, Program: "duolite", Way: "sqlc"},
	{Name: "libsql-client-go http", Program: "clientgo", Way: "sqlc"},
	{Name: "libsql-client-go ws", Program: "clientgo", Way: "sqlc", Scheme: "ws"},
	{Name: "go-libsql", Program: "golibsql", Way: "sqlc", Cgo: true},
	{Name: "@libsql/client http", Program: "node"},
	{Name: "@libsql/client ws", Program: "node", Scheme: "ws"},
}
