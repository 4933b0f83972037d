// Package db opens databases: SQLite in the process, or a libSQL server over the
// network, behind one URL and as a standard [*database/sql.DB].
//
//	pool, err := db.Open(ctx, os.Getenv("DATABASE_URL"))
//	if err != nil {
//		return err
//	}
//	defer pool.Close()
//	if _, err := db.Migrate(ctx, pool, schema.FS); err != nil {
//		return err
//	}
//	queries := dbsqlc.New(pool) // what sqlc generated
//
// # The URL
//
// It says which database:
//
//	app.db                a SQLite file, made if there is none
//	file:app.db           the same; the path's special characters are escaped
//	file:app.db?mode=ro   for reading only; rw: a file that exists; rwc: the default
//	:memory:              in memory, one database for the whole pool, gone with it
//	file:NAME?mode=memory in memory, shared by all pools of the process that say NAME
//	libsql://HOST         a libSQL server over TLS; ?tls=0 without, for HOST:PORT
//	https://HOST          the same
//	http://HOST:PORT      a server without TLS, such as a local sqld
//
// ws:// and wss:// name the same servers as http:// and https://, and are reached
// over HTTP. ?authToken=TOKEN is accepted, as libSQL's tools write it; [WithAuthToken]
// and [WithAuthTokenFunc] keep tokens out of URLs. Everything else in a URL is an
// error that says what is known.
//
// Options say how to open it: [WithBusyTimeout], [WithMaxOpenConns] and so on. One that
// doesn't apply to the URL's engine is an error.
//
// # SQLite
//
// A new file can be read by its owner only (mode 0600). Each connection has:
//
//	busy_timeout        5 s, or WithBusyTimeout
//	journal_mode        WAL: readers and a writer don't wait for each other
//	synchronous         NORMAL: the latest commits can be lost with the power, never
//	                    with the process; the file stays sound in any case
//	foreign_keys        ON
//	temp_store          MEMORY
//	journal_size_limit  64 MiB
//
// A transaction takes the write lock when it begins (BEGIN IMMEDIATE), where it can
// wait for it; with [database/sql.TxOptions.ReadOnly] it takes none. In memory there
// is no write-ahead log: readers and a writer wait for each other, busy_timeout long.
//
// # libSQL
//
// Today the client is github.com/tursodatabase/libsql-client-go, with its own ideas of
// values and transactions: see "What the engines don't share yet" in docs/design.md.
//
// # Secrets
//
// A token is sent over TLS, or to this machine; sending it over plain HTTP to another
// is refused unless [WithInsecureToken] allows it. No error holds one, and [Redact]
// makes a URL fit to be shown.
//
// # Errors
//
// Errors of either engine are an [*Error] with a kind that [errors.Is] finds, such as
// [ErrUnique] or [ErrBusy].
package db
