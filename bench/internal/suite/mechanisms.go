package suite

// A Mechanism is a part of duolite that makes it faster and that it would work without. It is
// measured by a build without it.
type Mechanism struct {
	Name string
	// Edits take it out of the code. Without Edits it is the way With instead of the way Without.
	Edits []Edit
	// With and Without are ways of the contestant duolite.
	With, Without string
	// Workloads are the names of workloads that it could make faster.
	Workloads []string
	// Server: the workloads run on a server instead of a file.
	Server bool
}

// An Edit replaces a text, which is once in a file of the module.
type Edit struct{ File, Old, New string }

// Mechanisms are the mechanisms of both engines.
var Mechanisms = []Mechanism{
	{
		Name:      "page cache",
		Edits:     []Edit{{"db/internal/sqlite/process.go", "!c.cfg.Plain && pagecache.Install() {", "false && pagecache.Install() {"}},
		With:      "sqlc",
		Without:   "sqlc",
		Workloads: []string{"point", "insert-tx", "scan", "wide", "join", "mixed", "concurrent", "iterate"},
	},
	{
		Name:      "kept read locks",
		Edits:     []Edit{{"db/internal/sqlite/filevfs/filevfs.go", "outFlags, canKeepReadLocks)", "outFlags, canKeepReadLocks && false)"}},
		With:      "sqlc",
		Without:   "sqlc",
		Workloads: []string{"point", "point-ctx", "insert", "join", "mixed", "concurrent"},
	},
	{
		Name:      "kept read marks",
		Edits:     []Edit{{"db/internal/sqlite/filevfs/shm.go", "n == 1 && r.keepsMark()", "false && r.keepsMark()"}},
		With:      "sqlc",
		Without:   "sqlc",
		Workloads: []string{"insert", "mixed", "mixed-rate"},
	},
	{
		Name:      "log buffer",
		Edits:     []Edit{{"db/internal/sqlite/filevfs/filevfs.go", "replaceMethods(tls, file, bufferLog)", "_ = bufferLog"}},
		With:      "sqlc",
		Without:   "sqlc",
		Workloads: []string{"insert", "insert-tx", "bulk", "mixed"},
	},
	{
		Name: "memory with a log",
		Edits: []Edit{
			// SQLite's memdb: its names begin with /, and it has no write-ahead log.
			{"db/internal/sqlite/process.go", "return memvfs.Name, memvfs.Register()", `return "memdb", memvfs.Register()`},
			{"db/internal/sqlite/memvfs/database.go", `const pathPrefix = ":memory:"`, `const pathPrefix = "/memory"`},
			{"db/internal/sqlite/open.go", `case err == nil && mode != "wal":`, `case err == nil && mode != "wal" && !c.cfg.Memory:`},
		},
		With:      "memory",
		Without:   "memory",
		Workloads: []string{"point", "insert", "scan", "mixed", "concurrent"},
	},
	{
		Name:      "statement cache",
		Edits:     []Edit{{"db/internal/contract/cache.go", "if found == nil || found.busy {", "if found == nil || len(text) > 0 {"}},
		With:      "sqlc",
		Without:   "sqlc",
		Workloads: []string{"point", "insert", "insert-tx", "scan", "join"},
	},
	{
		Name:      "Lean",
		With:      "lean",
		Without:   "sqlc",
		Workloads: []string{"point-ctx", "mixed"},
	},
	{
		Name: "no compression from nearby",
		Edits: []Edit{
			{"db/internal/hrana/transport/client.go", "IsLoopback(base.Hostname()),", "false && IsLoopback(base.Hostname()),"},
			{"db/internal/hrana/transport/compression.go", "if took < sameDataCenterTime &&", "if took < 0 &&"},
		},
		With:      "sqlc",
		Without:   "sqlc",
		Workloads: []string{"point", "scan"},
		Server:    true,
	},
	{
		Name:      "protobuf",
		Edits:     []Edit{{"db/internal/hrana/conn.go", "case !c.tryProtobuf &&", "case q != nil, !c.tryProtobuf &&"}},
		With:      "sqlc",
		Without:   "sqlc",
		Workloads: []string{"point", "insert", "tx", "batch", "bulk", "scan", "concurrent"},
		Server:    true,
	},
}
