package sqlite

import (
	"io"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"github.com/duolite/duolite/db/internal/sqlite/fileid"
	"github.com/duolite/duolite/db/internal/sqlite/filevfs"
	sqlite3 "modernc.org/sqlite/lib"
)

// An openedFile is the file that a database's first connection has opened. All later connections are to
// the same file, or fail.
type openedFile struct {
	real string // its path without links
	id   fileid.ID
	pin  io.Closer           // or nil
	logs map[*conn]fileid.ID // the log of each connection that is open and has one
}

// opened returns the file of the first connection, or nil if there was none yet.
func (d *database) opened() *openedFile {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.file
}

// checkOpened fails if another connection would be to another file, or make one.
func (d *database) checkOpened(f *openedFile) error {
	is, err := fileid.At(d.name)
	if err := moved(d.cfg.Path, is, f.id, err); err != nil {
		return err
	}
	is, err = fileid.At(f.real)
	if err := moved(d.cfg.Path, is, f.id, err); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, log := range f.logs { // all are the same log
		is, err := fileid.At(logOf(f.real))
		return movedLog(d.cfg.Path, is, log, err)
	}
	return nil
}

// identify begins to watch the file of a new connection, which has read nothing so far. It fails if the
// file isn't the first connection's.
func (d *database) identify(c *conn) error {
	if d.cfg.Memory {
		return nil
	}
	is, err := c.fileID()
	if err != nil {
		return &FileError{d.cfg.Path, "can't be found again: " + cause(err).Error(), err}
	}
	if f := d.opened(); f != nil {
		if err := moved(d.cfg.Path, is, f.id, nil); err != nil {
			return err
		}
	}
	c.watch = &watch{shown: d.cfg.Path, file: fileid.NewPath(d.name), fileID: is, log: fileid.NewPath(logOf(c.file))}
	return nil
}

// register adds a connection that is ready to the database.
func (d *database) register(c *conn) error {
	if d.cfg.Memory {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.closed:
		return engine.ErrClosed
	case d.file == nil:
		d.file = &openedFile{c.file, c.watch.fileID, fileid.Pin(c.file, c.watch.fileID), map[*conn]fileid.ID{}}
	case d.file.id != c.watch.fileID: // another connection was the first meanwhile
		return moved(d.cfg.Path, c.watch.fileID, d.file.id, nil)
	}
	c.owner = d
	d.recordLog(c)
	return nil
}

// recordLog records the log that a connection writes to. Only a PRAGMA changes it, and SQLite allows
// that only if there is no other connection.
func (d *database) recordLog(c *conn) {
	c.watch.logID = fileid.ID{}
	delete(d.file.logs, c)
	if file := c.openFile(sqlite3.SQLITE_FCNTL_JOURNAL_POINTER); file != 0 {
		c.watch.logID = filevfs.ID(file) // zero if it is a journal
	}
	if c.watch.logID != (fileid.ID{}) {
		d.file.logs[c] = c.watch.logID
	}
}

// updateLog records the log of a connection anew, after it may have begun or ended.
func (c *conn) updateLog() {
	if d := c.owner; d != nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.file != nil {
			d.recordLog(c)
		}
	}
}

// unregister removes a connection that is closed.
func (d *database) unregister(c *conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.file != nil {
		delete(d.file.logs, c)
	}
}

// close ends the use of the file.
func (f *openedFile) close() {
	if f.pin != nil {
		f.pin.Close()
	}
}

// fileID returns the identity of the connection's file.
func (c *conn) fileID() (fileid.ID, error) {
	if file := c.openFile(sqlite3.SQLITE_FCNTL_FILE_POINTER); file != 0 {
		if id := filevfs.ID(file); id != (fileid.ID{}) {
			return id, nil
		}
	}
	return fileid.At(c.file)
}

// openFile returns the address of a file that SQLite has open, or 0: the database or its log.
// https://sqlite.org/c3ref/c_fcntl_begin_atomic_write.html
func (c *conn) openFile(which int32) uintptr {
	if !c.text.Grow(c.tls, cmem.PointerSize) {
		return 0
	}
	cmem.Store(c.text.At(0), 0)
	if sqlite3.Xsqlite3_file_control(c.tls, c.handle, 0, which, c.text.At(0)) != sqlite3.SQLITE_OK {
		return 0
	}
	return cmem.Load(c.text.At(0))
}
