package sqlite

import (
	"strconv"
	"strings"
	"sync"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// A memDatabase is a database in memory. It has the files that one on a disk has: the
// database itself, and next to it the write-ahead log or a journal, while there is one.
// It lives for as long as somebody holds it or has one of its files open.
type memDatabase struct {
	name  string // by which those find it who share it, or ""
	path  string // the name of its file to SQLite
	users int    // those who hold it, and the open files
	files map[string]*memFile
}

// memPaths begins the paths of files in memory, and no path of a file on a disk.
// What follows is a number and not the name, so that any name will do, and the log of
// one database isn't another's.
const memPaths = ":memory:"

// memDatabases has all that there are. Its lock also guards which files each has, and
// how often they are open.
var memDatabases = struct {
	sync.Mutex
	byPath map[string]*memDatabase
	byName map[string]*memDatabase
	last   int64
}{byPath: map[string]*memDatabase{}, byName: map[string]*memDatabase{}}

// holdMemory returns the database in memory with a name, or a new one. Each call needs
// one of release.
func holdMemory(name string) *memDatabase {
	all := &memDatabases
	all.Lock()
	defer all.Unlock()
	d := all.byName[name]
	if d == nil {
		all.last++
		d = &memDatabase{name: name, path: memPaths + strconv.FormatInt(all.last, 10), files: map[string]*memFile{}}
		all.byPath[d.path] = d
		if name != "" {
			all.byName[name] = d
		}
	}
	d.users++
	return d
}

// release lets go of a database that was held. The last who does ends it.
func (d *memDatabase) release() {
	tls := libc.NewTLS()
	defer tls.Close()
	memDatabases.Lock()
	defer memDatabases.Unlock()
	d.leave(tls)
}

func (d *memDatabase) leave(tls *libc.TLS) {
	if d.users--; d.users > 0 {
		return
	}
	delete(memDatabases.byPath, d.path)
	if d.name != "" {
		delete(memDatabases.byName, d.name)
	}
	for _, f := range d.files {
		f.free(tls)
	}
}

// inMemory reports whether a path is that of a file in memory.
func inMemory(path string) bool {
	return strings.HasPrefix(path, memPaths)
}

// databaseOf returns the database that a path belongs to, or nil. SQLite makes the
// paths of logs and journals by adding to that of the database.
func databaseOf(path string) *memDatabase {
	number, _, _ := strings.Cut(path[len(memPaths):], "-")
	return memDatabases.byPath[memPaths+number]
}

// openMemFile opens a file, and returns nil where there is no file by that name and none
// is to be made.
func openMemFile(path string, flags int32) *memHandle {
	memDatabases.Lock()
	defer memDatabases.Unlock()
	d := databaseOf(path)
	if d == nil {
		return nil
	}
	f := d.files[path]
	switch {
	case f == nil && flags&sqlite3.SQLITE_OPEN_CREATE == 0, f != nil && flags&sqlite3.SQLITE_OPEN_EXCLUSIVE != 0:
		return nil
	case f == nil:
		f = &memFile{named: true}
		d.files[path] = f
	}
	f.users++
	d.users++
	return &memHandle{file: f, database: d}
}

// deleteMemFile deletes a file by its name, and reports whether there was one. It stays
// for those who have it open.
func deleteMemFile(tls *libc.TLS, path string) bool {
	memDatabases.Lock()
	defer memDatabases.Unlock()
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

// memFileExists reports whether there is a file with something in it, which is what
// SQLite means.
func memFileExists(path string) bool {
	memDatabases.Lock()
	defer memDatabases.Unlock()
	if d := databaseOf(path); d != nil {
		f := d.files[path]
		return f != nil && f.length() > 0
	}
	return false
}
