// Package db opens databases as a standard [*database/sql.DB]. One URL names either a SQLite
// file, which is used in the process, or a libSQL server, which is used over the network.
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
//	queries := dbsqlc.New(pool) // the code that sqlc generated
//
// # The URL
//
// The URL names the database:
//
//	app.db                a SQLite file, created if it doesn't exist
//	file:app.db           the same; special characters of the path are escaped
//	file:app.db?mode=ro   opened read-only; rw: an existing file; rwc: the default
//	file:a.db?immutable=1 opened read-only, a file that nobody changes; see "SQLite"
//	:memory:              in memory, one database for the whole pool, deleted with it
//	file:NAME?mode=memory in memory, shared by all pools of the process with that NAME
//	libsql://HOST         a libSQL server over TLS; ?tls=0 without TLS, for HOST:PORT
//	https://HOST          the same
//	http://HOST:PORT      a server without TLS, such as a local sqld
//	libsql://HOST?replica=app.db  a server with a local copy that reads use; see "Replicas"
//
// ws:// and wss:// name the same servers as http:// and https://, and are also reached over
// HTTP. ?namespace=NAME selects a database of a server that has several. ?authToken=TOKEN is
// explained under "Secrets". Any other parameter is an error. The error lists the known
// parameters; for a parameter of another driver it names the replacement.
//
// On Windows a file can also be named C:\app.db, file:///C:/app.db, file:C:/app.db,
// \\?\C:\app.db or \\server\share\app.db. The last form is on a network (see
// [WithWALOnNetwork]).
//
// Options such as [WithBusyTimeout] and [WithMaxOpenConns] say how the database is opened. An
// option that doesn't apply to the URL's engine is an error.
//
// Programs that take a driver name call sql.Open("duolite", URL) for the same databases.
//
// # One contract
//
// The following rules hold on every engine. docs/differences.md lists the exceptions.
//
// Values. A nil []byte is NULL, an empty []byte is an empty blob. A bool is stored as 0 or 1.
// A [time.Time] is stored as text in UTC, in the form that CURRENT_TIMESTAMP writes,
// 2006-01-02 15:04:05, with three, six or nine digits of fraction if it has one. Text in that
// form sorts by time. A time that was read from the database is sent back in its original
// form, so that it equals the stored text. Its Location holds that form; compare times with
// Equal, not with ==. Package dbtype says which column default matches which type. NaN,
// infinities and strings that aren't valid UTF-8 are refused before anything is sent. Values
// are returned as int64, float64, string, []byte or nil. Text in a column declared as date,
// datetime or timestamp is returned as a [time.Time] in UTC, if it has any form that a SQLite
// driver writes.
//
// Parameters. ?, ?1 and $1 take arguments by position. :a, @a and $a take the argument
// sql.Named("a", …), or without one the plain argument at the parameter's index in SQLite. Each
// parameter needs an argument, and each argument needs a parameter.
//
// Statements. A call runs one statement; a text without a statement does nothing. A script is
// a text of several statements. It runs through Exec, without arguments, and is applied as a
// whole or not at all, also inside a transaction. There are three exceptions, in which the
// statements run one by one, in order: a script with a BEGIN and COMMIT of its own, a script
// with a statement that can't run in a transaction, such as VACUUM, and a script with
// savepoints that runs inside a transaction. A script may end in an open transaction if it
// hasn't written in it.
//
// Results. RowsAffected is 0 for statements other than INSERT, UPDATE and DELETE. LastInsertId
// is 0 for a statement that inserted no row, not the rowid of an earlier statement.
//
// Transactions. A transaction begins with its first statement. It takes the write lock there
// (BEGIN IMMEDIATE), where waiting for the lock is possible, so that "database is locked"
// can't occur later. With [database/sql.TxOptions.ReadOnly] a transaction is a snapshot that
// refuses writes. The isolation level is the default or serializable. After a statement was
// interrupted, its reply was lost, or an error has rolled the transaction back, the
// transaction is lost: every later statement fails with [ErrTxLost], and none runs outside of
// the transaction.
//
// BEGIN, COMMIT and ROLLBACK as text are for a [database/sql.Conn]. A transaction that is
// still open when the connection returns to the pool is rolled back. Through the pool itself
// they work if the pool is limited to one connection ([WithMaxOpenConns] or SetMaxOpenConns).
// In a larger pool the statements after BEGIN could run on any connection, so they fail with
// [ErrTxLost] until COMMIT or ROLLBACK.
//
// Settings. A PRAGMA that changes the connection, such as foreign_keys or cache_size, lasts
// until the connection returns to the pool, where it is reset. Run it on a
// [database/sql.Conn]; through the pool it lasts for that call only. [WithAfterConnect]
// sets it on each connection. Setting PRAGMA
// foreign_keys inside a transaction is an error, since SQLite ignores it there.
//
// A [database/sql.Scanner] must not run a statement on the transaction or connection whose rows are
// scanned: in a program that Go 1.27 or later builds, database/sql holds the connection's lock during Scan, and
// the statement waits for ever.
//
// [InTx] and [InReadTx] run a function in a transaction, and repeat it if that is proven safe.
// [InTxOnce] runs a function exactly once for a key, even if a reply was lost.
//
// Many rows. [InsertAll] stores any number of rows by a generated method that inserts one row.
// [BulkExec] and [BulkQuery] store them by a statement that reads them from JSON. On a file InsertAll is
// faster. On a server both take about the same time, and BulkExec less of the server's CPU.
//
// Batches. [NewBatch], [Queue] and [Batch.Run] send calls of generated methods together. They
// are applied as a whole or not at all, and a server gets them in one request.
//
// Dynamic statements. A statement with the comment -- db:dynamic has optional conditions and a
// chosen order without a loss of speed; see "Dynamic statements".
//
// Contexts. A call returns soon after its context ends, with the context's error. Closing the
// pool ends the running calls with [database/sql.ErrConnDone]. [Lean] makes many small queries
// with cancelable contexts faster.
//
// # Dynamic statements
//
//	-- db:dynamic
//	SELECT * FROM books
//	WHERE (?1 IS NULL OR author = ?1) AND (?2 IS NULL OR year >= ?2)
//	ORDER BY CASE WHEN ?3 = 'title' THEN title END, id
//
// SQLite plans a statement before it knows the arguments, so an index on author doesn't help this
// one. With the comment (or /* db:dynamic */, before the statement or in it) the conditions of parameters
// and literals alone are decided first. If ?1 is 'Le Guin' and ?2 is NULL, the variant that runs
// has WHERE (author = ?1). It is planned like a statement written for these arguments.
//
// A variant has the rows of the statement. Only the undefined part of a result may differ, which is all that
// depends on the order in which SQLite reads rows and evaluates conditions:
//
//   - the order of rows that ORDER BY leaves open, and the choice of LIMIT among them;
//   - the text of group_concat, and the values of bare columns beside GROUP BY;
//   - the order of RETURNING and of triggers;
//   - whether a condition fails for a row that another condition excludes;
//   - whether an UPDATE of a UNIQUE column meets a value that a later row gives up.
//
// A condition that is left out isn't evaluated, so it can't fail. A virtual table answers conditions by its
// own rules: MATCH works in a variant, and fails after OR.
//
// Decided are IS NULL, comparisons with a parameter, an integer, a text or NULL, IN with a list of
// these, the truth of a parameter, coalesce, and CASE over such conditions; in WHERE and ON of
// SELECT, UPDATE and DELETE, and CASE in ORDER BY. Everything else stays as it is written, such as
// TRUE, which may be the name of a column. A statement with INDEXED BY, or with both @name and ?,
// stays as a whole. An error of SQLite in a variant names the decided conditions, with their literals.
// EXPLAIN QUERY PLAN with arguments shows the plan of the variant. A connection caches its last 128
// variants, besides its other statements.
//
// Not each plan is faster: if an index finds many rows, a sort of them can cost more than reading
// the rows in order up to LIMIT. +author = ?1 keeps SQLite from using the index on author. The gate (package
// dbcheck) compares the plans of all variants, and duolite gen --plans shows them. duolite gen also gives the
// parameters of such queries their types.
//
// # SQLite
//
// Every file that the pool creates can be read by its owner only (mode 0600), regardless of the
// umask; so can files created by ATTACH and VACUUM INTO. An existing file keeps its mode, and
// its write-ahead log gets the same mode. A symbolic link is followed when the pool opens its
// first connection, and the log is created beside the file that it leads to.
//
// A pool works on one file: the file that its first connection opened. If that file is
// renamed, deleted or replaced, later calls fail with [ErrCantOpen], nothing is written to the
// old file, and no new file is created. Examples are an atomic rename of another file over it,
// a renamed folder, and a changed symbolic link. A write always notices. A read notices unless
// another read checked within the last 10 µs, or 100 µs in a run of reads. When the file is
// back, the pool works again; open a new pool for another file. The pool doesn't notice if another program overwrites the
// file in place, as cp does: that destroys an open database. On Windows an open file can't be
// renamed or deleted.
//
// immutable=1 reads a file in a folder where nothing can be written, such as a CD, a snapshot
// or a read-only mount. SQLite then uses no locks and no log. It implies mode=ro. Use it only
// for a file that nobody changes while it is open: otherwise reads return wrong rows or
// errors, without a warning. A file whose log or journal has changes is refused, since reads
// would miss them.
//
// Each connection has these settings:
//
//	busy timeout        5 s, or WithBusyTimeout
//	journal_mode        WAL: readers and a writer don't wait for each other
//	synchronous         NORMAL: a power failure can undo the latest commits, a
//	                    crash of the process can't; the file stays sound either
//	                    way. WithFullSync loses no commit
//	foreign_keys        ON
//	temp_store          MEMORY
//	journal_size_limit  64 MiB
//	cache_size          2 MB, and 64 MiB for all of a pool's connections together,
//	                    or WithCacheSize
//
// Writers of one process wait in a queue, first come, first served. The busy timeout limits
// how long one writer may keep the others waiting, and how long to wait for another process.
// While one writes, each reader gives up its processor after a read, so that readers don't starve it. A
// connection caches its last 128 compiled statements, so preparing them gains nothing. A
// database in memory has a write-ahead log as well.
//
// [WithAfterConnect] runs SQL on each connection when it opens. With [WithFunction], [WithAggregate],
// [WithCollation] and [WithRegexp] SQL calls functions in Go, which belong to the pool. Package
// dbunicode has collations of languages. An extension that registers with modernc.org/sqlite by an
// import works too; package sqlitevec is the import for a search by similarity of vectors.
//
// # Logs and counts
//
// [WithTracer] calls a tracer before and after each statement, batch, transaction and connection.
// Package dbtrace has one that writes to a log, with the name of each query, and the plan of slow ones.
// [Stats] returns the counts of a pool. docs/tracing.md explains both.
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
//     any database is opened. If another driver has opened one, or has set a page cache, or the import of
//     an extension such as modernc.org/sqlite/vec has initialized SQLite, nothing is changed, and this package's connections have the cache that is there. If another driver
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
// A statement is one HTTP request. A transaction is one request for each statement and one for
// Commit. A result that is too large for one reply is read row by row. A read may be repeated
// after a network error. A write never is: if its reply is lost, the error is an
// [ErrOutcomeUnknown]. A call without a deadline gets the timeout of [WithRequestTimeout].
//
// A server may have replicas of its own behind its address. Each write's reply has the server's
// replication index, and the pool's later reads ask for a state that includes it. So a pool reads
// its own writes. On a replica that is too far behind, such a read fails with [ErrUnavailable] when
// its time is over.
//
// # Replicas
//
// With ?replica=PATH the pool keeps a copy of the server's database in a file, and follows the
// server. A read runs on the copy, at a file's speed. Everything else runs on the server: writes,
// transactions other than read-only ones, scripts, and batches that write. SQLite itself decides
// whether a statement only reads. A statement that the copy can't compile, such as one with a
// function or a table that only the server has, runs on the server too.
//
// A read sees the writes that returned before it began, of all pools of the process with the same
// copy: it waits for them, for at most the busy timeout, and then fails with [ErrUnavailable].
// [WithStaleReads] turns the wait off. The writes of other programs arrive by themselves; [Sync]
// waits for the ones that the server has already.
//
// A read, and all reads of a read-only transaction, see the state after some transaction of the
// server, as a whole. States go forward. There is one exception: a server that crashed may have lost
// its latest commits, and then the copy loses them too.
//
// The first [Open] copies the database, and needs the server; [WithReplicaProgress] reports how far
// it is. Later Opens wait until the copy has caught up, for at most the busy timeout, and need no
// server. Without the server, reads continue, and writes fail at once
// with ErrUnavailable. [ReplicaStatus] returns how far the copy has come, and why it doesn't follow.
// A token that allows reading is enough for a program that only reads.
//
// The file is a SQLite file in WAL mode, and read-only for every other program. [Detach] makes a
// database of it that can be written. Several processes may share one file. If the server has crashed,
// was restored from a backup or was replaced, the copy is made anew; pages that are the same aren't
// written again. A file that is a database of its own is refused. The replicas of different databases
// need different files.
//
// Replicas follow sqld, by its replication protocol on the HTTP port, and servers that have POST
// /pull-updates instead, such as Turso Cloud and tursodb with --sync-server. Those are asked for
// changes every second, or as [WithReplicaPoll] says; a file PATH-replica then belongs to the copy.
// sqld 0.24 and tursodb 0.6 are tested, Turso Cloud isn't. tursodb takes no writes of this package:
// they fail with [ErrReadOnly].
//
// docs/replicas.md has figures of a program whose network is cut and comes back.
//
// # Backups and copies
//
// [Backup] writes the database of a pool to a new file while programs read and write, and [Restore]
// puts a file in the place of a database. [Copy] copies a database to another home: a file to a server, or a
// server to a file. All three leave nothing half done behind, and check the result. docs/backup.md compares
// them.
//
// # Secrets
//
// ?authToken=TOKEN is accepted, since libSQL's tools write it; [WithAuthToken] and
// [WithAuthTokenFunc] keep tokens out of URLs. A token is sent over TLS or to this machine.
// Sending it to another machine over plain HTTP is refused unless [WithInsecureToken] allows
// it. A redirect to another host gets no token. Errors contain no token, and [Redact] removes
// it from a URL for display. [TokenLife] returns the times at which a token was issued and expires.
//
// [FromEnv] reads a URL and its token from TURSO_DATABASE_URL and TURSO_AUTH_TOKEN, LIBSQL_URL
// and LIBSQL_AUTH_TOKEN, or DATABASE_URL and JWT_TOKEN. It looks in the environment first and
// then in files such as .env. A token is used only with a URL from the same source. If
// variables were merged by name, a .env file in a downloaded folder could send the user's
// token to any server. [Env] is for programs that also have a flag or a default.
//
// # Errors
//
// Errors of both engines are an [*Error]. Its kind, such as [ErrUnique] or [ErrBusy], is found
// by [errors.Is]. Errors of UNIQUE and NOT NULL constraints have the table and its columns.
// Each error is one line, and can be printed: control and format characters in text from a
// server or a file are escaped, as \x1b and \u202e. Errors of the operating system, such as
// [io/fs.ErrPermission], are found by errors.Is too. The JSON form of an error has the code by
// which GORM translates it (TranslateError).
package db
