package db

// An Engine is the database engine behind a URL.
type Engine string

const (
	// SQLite runs in the process, on a file or in memory (modernc.org/sqlite).
	SQLite Engine = "SQLite"
	// LibSQL is a server over HTTP: sqld, Turso.
	LibSQL Engine = "libSQL"
	// LibSQLReplica is a server with a local copy (?replica=PATH).
	LibSQLReplica Engine = "libSQL with a replica"
)

// EngineOf returns the engine that url names, without opening anything.
func EngineOf(url string) (Engine, error) {
	cfg, err := parseURL(url)
	if cfg.replica != nil {
		return LibSQLReplica, err
	}
	return cfg.engine, err
}

// Redact returns url in a form that is safe to display: without its parameters, which may
// include a token, and without credentials. If url is invalid, Redact returns a fixed text.
func Redact(url string) string {
	cfg, err := parseURL(url)
	if err != nil {
		return "(invalid database URL)"
	}
	return cfg.redacted()
}
