package memvfs

import (
	"strconv"
	"strings"
	"sync"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// A Database is a database in memory. It has the files of a database on a disk: the database
// itself, and next to it the write-ahead log or a journal, while there is one. It exists until
// each Open has its Close, and all its files are closed.
type Database struct {
	name  string // by which others open the same database, or ""
	path  string // the name of its file to SQLite
	users int    // calls of Open without Close, and open files
	files map[string]*file
}

// pathPrefix begins the path of each file in memory, and no absolute path of a file on a disk. A
// number follows and not the name, so that any name will do, and the log of one database isn't
// another database.
const pathPrefix = ":memory:"

// databases has all databases. Its lock also guards their files, and how often each is open.
var databases = struct {
	sync.Mutex
	byPath map[string]*Database
	byName map[string]*Database
	last   int64
}{byPath: map[string]*Database{}, byName: map[string]*Database{}}

// Open returns the database in memory that has a name, or a new one. An empty name is always a new
// one. The caller closes it.
func Open(name string) *Database {
	all := &databases
	all.Lock()
	defer all.Unlock()
	d := all.byName[name]
	if d == nil {
		all.last++
		d = &Database{name: name, path: pathPrefix + strconv.FormatInt(all.last, 10), files: map[string]*file{}}
		all.byPath[d.path] = d
		if name != "" {
			all.byName[name] = d
		}
	}
	d.users++
	return d
}

// Path returns the name of the database's file to SQLite.
func (d *Database) Path() string { return d.path }

// Close closes a database that Open returned. The last user frees its memory.
func (d *Database) Close() {
	tls := libc.NewTLS()
	defer tls.Close()
	databases.Lock()
	defer databases.Unlock()
	d.leave(tls)
}

func (d *Database) leave(tls *libc.TLS) {
	if d.users--; d.users > 0 {
		return
	}
	delete(databases.byPath, d.path)
	if d.name != "" {
		delete(databases.byName, d.name)
	}
	for _, f := range d.files {
		f.free(tls)
	}
}

// inMemory reports whether path is the path of a file in memory.
func inMemory(path string) bool {
	return strings.HasPrefix(path, pathPrefix)
}

// databaseOf returns the database that a path belongs to, or nil. SQLite makes the paths of logs
// and journals by adding to the path of the database.
func databaseOf(path string) *Database {
	number, _, _ := strings.Cut(path[len(pathPrefix):], "-")
	return databases.byPath[pathPrefix+number]
}

// openFile opens a file. It returns nil if there is none at path and flags don't say to make one.
func openFile(path string, flags int32) *handle {
	databases.Lock()
	defer databases.Unlock()
	d := databaseOf(path)
	if d == nil {
		return nil
	}
	f := d.files[path]
	switch {
	case f == nil && flags&sqlite3.SQLITE_OPEN_CREATE == 0, f != nil && flags&sqlite3.SQLITE_OPEN_EXCLUSIVE != 0:
		return nil
	case f == nil:
		f = &file{named: true}
		d.files[path] = f
	}
	f.users++
	d.users++
	return &handle{file: f, database: d}
}

// deleteFile removes the name of a file, and reports whether there was one. Open handles keep its
// content.
func deleteFile(tls *libc.TLS, path string) bool {
	databases.Lock()
	defer databases.Unlock()
	d := databaseOf(path)
	if d == nil || d.files[path] == nil {
		return false
	}
	f := d.files[path]
	delete(d.files, path)
	f.named = false
	if f.users == 0 {
		f.free(tls)
	}
	return true
}

// FileSize returns the size in bytes of the file in memory at path, or -1 if there is none.
func FileSize(path string) int64 {
	databases.Lock()
	defer databases.Unlock()
	if d := databaseOf(path); d != nil && d.files[path] != nil {
		return d.files[path].length()
	}
	return -1
}
