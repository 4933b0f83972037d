// Package db opens databases: SQLite in the process, or a libSQL server over the
// network, behind one URL and as a standard [*database/sql.DB].
//
//	url, opts, err := db.FromEnv(".env") // or a URL of the program's own: "file:app.db"
//	if err != nil {
//		return err
//	}
//	pool, err := db.Open(ctx, url, opts...)
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
//	file:a.db?immutable=1 for reading only, a file that nobody changes; see "SQLite"
//	:memory:              in memory, one database for the whole pool, gone with it
//	file:NAME?mode=memory in memory, shared by all pools of the process that say NAME
//	libsql://HOST         a libSQL server over TLS; ?tls=0 without, for HOST:PORT
//	https://HOST          the same
//	http://HOST:PORT      a server without TLS, such as a local sqld
//
// ws:// and wss:// name the same servers as http:// and https://, and are reached
// over HTTP. ?namespace=NAME asks a server with several databases for one of them;
// ?authToken=TOKEN is in "Secrets" below. Everything else in a URL is an error that says
// what is known, and what stands here for a parameter of another driver.
//
// On Windows a file is also named by C:\app.db, file:///C:/app.db, file:C:/app.db, \\?\C:\app.db or
// \\server\share\app.db; the last one is on a network (see [WithWALOnNetwork]).
//
// Options say how to open it: [WithBusyTimeout], [WithMaxOpenConns] and so on. One that
// doesn't apply to the URL's engine is an error.
//
// Programs that take a driver's name open the same by sql.Open("duolite", URL).
//
// # One contract
//
// What follows holds on every engine; what can't is in docs/differences.md.
//
// Values. A nil []byte is NULL, an empty one an empty blob. A bool is 0 or 1. A
// [time.Time] is stored as text in UTC, 2006-01-02 15:04:05, as CURRENT_TIMESTAMP writes it,
// with three, six or nine digits of fraction where it has them; the text sorts. A time that
// was read is sent in the form that it was read in, so that it equals the stored one;
// its Location remembers the form, so compare times by Equal and not by ==. Package dbtype
// says which default of a column goes with which type.
// NaN, infinities and strings that aren't UTF-8 are refused before anything is sent.
// Values come back as int64, float64, string, []byte or nil; text in a column that is
// declared date, datetime or timestamp comes back as a [time.Time] in UTC, if it is
// one in any form that a driver of SQLite writes.
//
// Parameters. A plain ?, ?1 and $1 take the argument in their place, :a, @a and $a the
// one of sql.Named("a", …). Each parameter needs an argument, and each argument a
// parameter.
//
// Statements. A call runs one; a text without one does nothing. Several in one text, a script, go through Exec without
// arguments: all or nothing, also inside a transaction; but in order and one by one if
// the script has BEGIN and COMMIT of its own, or a statement that can't be in a
// transaction, such as VACUUM, or, inside one, savepoints.
//
// Results. RowsAffected is 0 for what isn't INSERT, UPDATE or DELETE, and LastInsertId is
// 0 for a statement that inserted nothing, not the number of an earlier one.
//
// Transactions. One begins with its first statement, and takes the write lock there
// (BEGIN IMMEDIATE), where it can wait for it: "database is locked" doesn't come in
// the middle. [database/sql.TxOptions.ReadOnly] is a snapshot in which writes are
// refused. Isolation is the default or serializable. Once a statement was interrupted
// or lost, or an error has rolled the transaction back, it is over: all that follows
// fails with [ErrTxLost], and nothing is run outside of it. BEGIN, COMMIT and ROLLBACK as
// text are for a [database/sql.Conn]; a transaction that a program leaves open there is
// rolled back when the connection returns to the pool. Through the pool itself they work in a
// pool of one connection ([WithMaxOpenConns] or SetMaxOpenConns). In a larger one the
// statements that follow BEGIN could run on any connection, so they fail with [ErrTxLost]
// until COMMIT or ROLLBACK.
//
// Settings. A PRAGMA that sets the connection, such as foreign_keys or cache_size, holds until
// its connection returns to the pool, and is set back then. So set it on a
// [database/sql.Conn]; through the pool it holds for that call alone. PRAGMA foreign_keys =
// inside a transaction is an error, since SQLite ignores it there.
//
// [InTx] and [InReadTx] run a function in a transaction, and run it again where that is
// proven safe; [InTxOnce] runs it exactly once for a key, also when an answer was lost.
//
// Many rows. [BulkExec] and [BulkQuery] store rows of any number by one statement that takes
// them out of JSON: for 1,000 of them a server is asked once.
//
// Batches. [NewBatch], [Queue] and [Batch.Run] send calls of generated methods together: all
// or nothing, and on a server in one request.
//
// Contexts. A call returns soon after its context ends, with the context's error. Closing
// the pool ends the calls that are under way: their error is a [database/sql.ErrConnDone].
// [Lean] is for programs whose contexts can be canceled, and whose queries are small and many.
//
// # SQLite
//
// Every file that is made can be read by its owner only (mode 0600), also by ATTACH and by VACUUM
// INTO, whatever the umask; a file that exists keeps its mode, and its log has the same. A link is
// followed when the pool opens its first connection, and the log is beside the file that it leads to.
//
// A pool is on one file: the one that its first connection opened. If that is renamed, deleted or
// replaced afterwards, as by an atomic rename of another file over it, a folder that moves or a link
// that leads elsewhere, what comes next fails with [ErrCantOpen], nothing is stored in a file that
// has gone, and no other is made in its place. A write notices it at once, and a read at most 10 µs
// after a read before it. When the file is back, the pool goes on; another file is opened with a new
// pool. It isn't noticed when somebody overwrites the file in place, as cp does: that
// destroys a database that is open. On Windows an open file can't be renamed or deleted.
//
// immutable=1 reads a file where nothing can be written next to it, such as a CD, a snapshot or a
// read-only mount: without locks and without its log. It means mode=ro. It is for a file that
// nobody changes as long as it is open: who reads it then gets wrong rows, or errors, without
// a warning. A file that has a log or a journal with changes next to it is refused, since they
// wouldn't be seen.
//
// Each connection has:
//
//	busy timeout        5 s, or WithBusyTimeout
//	journal_mode        WAL: readers and a writer don't wait for each other
//	synchronous         NORMAL: the latest commits can be lost with the power, never
//	                    with the process; the file stays sound in any case.
//	                    WithFullSync loses none
//	foreign_keys        ON
//	temp_store          MEMORY
//	journal_size_limit  64 MiB
//
// Writers of one process wait in a queue, first come, first served; the busy timeout
// is how long one of them may keep the others waiting, and how long to wait for another
// process. A connection keeps its last 128 statements compiled, so that nothing is won by
// preparing them. A database in memory has a write-ahead log as well.
//
// # The process
//
// An import of this package registers the driver's name, "duolite", with database/sql, and does
// nothing to SQLite. The first connection to a file or a database in memory has these effects, which
// last until the process ends:
//
//   - SQLite (modernc.org/sqlite/lib) has one page cache for all of its users in a process. The
//     package sets one that serves its own connections, and passes the calls of all others, of
//     another driver of the same library, on to SQLite's own. SQLite allows that only before
//     any database is opened. If another driver has opened one, or has set a page cache, nothing is
//     changed, and this package's connections have the cache that is there. If another driver
//     opens its first database at the same moment, either may happen, and the race detector may
//     report it.
//   - Three file systems are registered with SQLite: duolite-file, duolite-file-plain and
//     duolite-memory. Its default stays the default.
//   - On Linux a connection to a file keeps the lock of its last read for up to 20 ms, since the
//     next read often needs the same lock. A timer gives it back; it runs only while there are
//     reads. A connection of this package that wants the lock gets it at once. No lock is kept while
//     another process, or another driver in this process, has the file open. In its first 20 ms
//     its checkpoint may find a reader where there is none; a later checkpoint does the work.
//
// [WithPlainSQLite] opens a pool without the page cache and without kept locks.
//
// A program may use github.com/mattn/go-sqlite3 as well, which has a SQLite of its own. But two
// copies of SQLite in one process must never open the same file: one can drop the other's locks on
// it, and the file can be destroyed (https://sqlite.org/howtocorrupt.html, section 2.2.1). A driver
// of the same library, such as modernc.org/sqlite, may.
//
// # libSQL
//
// A statement is one HTTP request, a transaction one for each statement and one for its
// Commit. A result that is too large for a reply is read row by row. A read may be
// repeated after a network error; a write never is: if its answer is lost, the error is
// an [ErrOutcomeUnknown]. A call without a deadline has [WithRequestTimeout]'s.
//
// # Secrets
//
// ?authToken=TOKEN is accepted, as libSQL's tools write it; [WithAuthToken] and
// [WithAuthTokenFunc] keep tokens out of URLs. A token is sent over TLS, or to this
// machine; sending it over plain HTTP to another is refused unless [WithInsecureToken]
// allows it. It doesn't follow a redirect to another host. No error holds one, and
// [Redact] makes a URL fit to be shown.
//
// [FromEnv] reads URL and token from TURSO_DATABASE_URL and TURSO_AUTH_TOKEN, LIBSQL_URL and
// LIBSQL_AUTH_TOKEN, or DATABASE_URL and JWT_TOKEN: from the environment, or else from a file such
// as .env. A token goes only with a URL of the same source. Merged name by name, a
// file that came with somebody's folder could have the user's token sent to a server of
// its choice. [Env] is for programs that have a flag or a default as well.
//
// # Errors
//
// Errors of either engine are an [*Error] with a kind that [errors.Is] finds, such as
// [ErrUnique] or [ErrBusy], and the table and columns of a constraint that has them. Each is
// one line. Control and format characters in a text of a server or a file are escaped in it, as
// \x1b and \u202e, so that it can be printed. The operating system's error is found behind it,
// such as [io/fs.ErrPermission]. Its JSON has the code that GORM translates its own errors by
// (TranslateError).
package db
