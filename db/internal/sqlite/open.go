package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"github.com/duolite/duolite/db/internal/sqlite/filevfs"
	"github.com/duolite/duolite/db/internal/sqlite/pagecache"
	"github.com/duolite/duolite/internal/sqltext"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// openConn opens a connection, without settings and without a queue.
func openConn(cfg Config, name string, cache *pagecache.Budget) (*conn, error) {
	c := &conn{cfg: cfg, file: name, cache: cache, tls: libc.NewTLS(), timeout: cfg.BusyTimeout, stmts: map[*stmt]struct{}{}}
	err := c.open(name)
	if err == nil {
		c.installHandlers()
		err = c.register()
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// openFlags: no mutex, since a connection is one goroutine's at a time.
// https://sqlite.org/c3ref/open.html
func (c Config) openFlags() int32 {
	const common = sqlite3.SQLITE_OPEN_NOMUTEX | sqlite3.SQLITE_OPEN_EXRESCODE
	switch {
	case c.Memory:
		return common | sqlite3.SQLITE_OPEN_READWRITE | sqlite3.SQLITE_OPEN_CREATE
	case c.Mode == ReadWriteCreate || c.Mode == ReadWrite: // there is a file, or none is made
		return common | sqlite3.SQLITE_OPEN_READWRITE
	default:
		return common | sqlite3.SQLITE_OPEN_READONLY
	}
}

func (c *conn) open(name string) error {
	vfs, ok := c.enterProcess()
	if !ok {
		return errNoMemory()
	}
	flags := c.cfg.openFlags()
	if c.cfg.Immutable {
		name, flags = immutableName(name), flags|sqlite3.SQLITE_OPEN_URI
	}
	if !c.text.Grow(c.tls, cmem.PointerSize+len(name)+1+len(vfs)+1) {
		return errNoMemory()
	}
	handle := c.text.At(0)
	path := cmem.Put(&c.text, cmem.PointerSize, name)
	system := cmem.Put(&c.text, cmem.PointerSize+len(name)+1, vfs)
	rc := sqlite3.Xsqlite3_open_v2(c.tls, path, handle, flags, system)
	// There is one even if it isn't open, to ask for the error.
	c.handle = cmem.Load(handle)
	switch {
	case c.handle == 0:
		return errNoMemory()
	case rc != sqlite3.SQLITE_OK:
		return c.asOpenError(c.errorOf(rc))
	}
	attachAs(c.handle, c.cfg.Mode == ReadWriteCreate)
	planWithoutStat4(c.handle)
	return nil
}

// attachAs sets how ATTACH opens files: by their paths and not by URIs, and whether it makes files
// that don't exist.
func attachAs(handle uintptr, create bool) {
	flags := &cmem.As[sqlite3.Tsqlite3](handle).FopenFlags
	*flags &^= sqlite3.SQLITE_OPEN_URI
	if create {
		*flags |= sqlite3.SQLITE_OPEN_CREATE
	}
}

// planWithoutStat4 makes SQLite plan as its default build and sqld's do. With
// SQLITE_ENABLE_STAT4, as modernc.org/sqlite is built, the plan of a query depends on the values of
// its arguments after ANALYZE, and the query is compiled again for each value.
// https://sqlite.org/compile.html#enable_stat4
func planWithoutStat4(handle uintptr) {
	cmem.As[sqlite3.Tsqlite3](handle).FdbOptFlags |= sqlite3.SQLITE_Stat4
}

// setUp gives a connection its settings. They belong to the connection and not to
// the database, so each one needs them.
func (c *conn) setUp(ctx context.Context) error {
	if err := c.start(ctx); err != nil {
		return err
	}
	defer c.end()
	if !setDoubleQuotedStrings(c.tls, c.handle, c.cfg.DoubleQuotedStrings) {
		return errNoMemory()
	}
	for _, setting := range c.cfg.settings() {
		if _, err := c.queryText(setting); err != nil {
			return c.asOpenError(err)
		}
	}
	switch {
	case c.cfg.Immutable: // it has no log, also on a network
		return nil
	case c.cfg.Mode == ReadOnly:
		return c.refuseNetworkLog()
	}
	if err := c.refuseReadOnlyFile(); err != nil {
		return err
	}
	if err := c.turnOnWAL(); err != nil {
		return c.asOpenError(err)
	}
	// SQLite opens the log with the first read, and only an open log can be watched.
	_, err := c.queryText("SELECT 1 FROM sqlite_schema LIMIT 1")
	return c.asOpenError(err)
}

// refuseReadOnlyFile fails on a file that can't be written: SQLite would open it all
// the same, for reading, and leave the surprise to the first write.
func (c *conn) refuseReadOnlyFile() error {
	// SQLite reads the file's own version with the first page. No function is called, since the program
	// may have replaced it.
	page, err := c.queryText("SELECT data FROM sqlite_dbpage WHERE pgno = 1")
	switch {
	case err != nil:
		return c.asOpenError(err)
	case len(page) > 18 && page[18] == filevfs.ReadOnlyVersion && !c.cfg.Replica:
		return fileError(c.cfg.Path, "is the replica of a server; name the server, with the parameter replica=PATH, to write, or open the file with file:PATH?mode=ro to read it")
	}
	if sqlite3.Xsqlite3_db_readonly(c.tls, c.handle, 0) == 1 {
		return &FileError{c.cfg.Path, "can't be written: its permissions or its file system are read-only; open it with file:PATH?mode=ro to read it", writable(c.file)}
	}
	return nil
}

// turnOnWAL turns the write-ahead log on. The file remembers, so that all but the first
// connection find it on. SQLite calls no busy handler for the change: when several
// processes open a new file at once, all but one are told that it is locked.
func (c *conn) turnOnWAL() error {
	for deadline := time.Now().Add(c.timeout); ; {
		mode, err := c.queryText("PRAGMA journal_mode = WAL")
		var e *engine.Error
		switch {
		case err == nil && mode != "wal":
			return fileError(c.cfg.Path, fmt.Sprintf("can't keep a write-ahead log (its journal mode stays %q)", mode))
		case err == nil, !errors.As(err, &e) || e.Code&0xff != sqlite3.SQLITE_BUSY, time.Now().After(deadline):
			return err
		}
		select {
		case <-c.call.done:
			return c.call.ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// SetUp implements [engine.SetUpper]. As the opening does, the set-up ignores the queue. Without
// query_only a read-only connection can still write to temporary tables alone.
func (c *conn) SetUp(ctx context.Context, run func() error) error {
	c.settingUp = true
	defer func() { c.settingUp = false }()
	if err := c.setQueryOnly(ctx, "OFF"); err != nil {
		return err
	}
	if err := run(); err != nil {
		return err
	}
	return c.setQueryOnly(ctx, "ON")
}

func (c *conn) setQueryOnly(ctx context.Context, value string) error {
	if c.cfg.Mode != ReadOnly {
		return nil
	}
	_, err := c.ExecAll(ctx, []sqltext.Statement{{Text: "PRAGMA query_only = " + value, Kind: sqltext.Outside}})
	return err
}

// queryText runs a statement of the package's own, and returns the first value of its
// last row as text, or "". It ignores the queue: opening a connection doesn't wait
// for connections that write.
func (c *conn) queryText(query string) (text string, err error) {
	handle, err := c.compile(query, 0)
	if err != nil {
		return "", err
	}
	defer sqlite3.Xsqlite3_finalize(c.tls, handle)
	for {
		switch rc := c.step(handle); rc {
		case sqlite3.SQLITE_ROW:
			if text, err = c.textAt(sqlite3.Xsqlite3_column_value(c.tls, handle, 0)); err != nil {
				return "", err
			}
		case sqlite3.SQLITE_DONE:
			return text, nil
		default:
			return "", c.errorOf(rc)
		}
	}
}

// textAt returns the value at p as SQLite converts it to text. NULL is "".
func (c *conn) textAt(p uintptr) (string, error) {
	text := sqlite3.Xsqlite3_value_text(c.tls, p)
	switch {
	case text != 0:
		return string(cmem.View(text, int(sqlite3.Xsqlite3_value_bytes(c.tls, p)))), nil
	case sqlite3.Xsqlite3_value_type(c.tls, p) == sqlite3.SQLITE_NULL:
		return "", nil
	default:
		return "", errNoMemory()
	}
}
