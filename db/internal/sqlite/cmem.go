package sqlite

import (
	"strings"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// All of the package's use of unsafe is in this file, but for system calls: SQLite's memory
// is outside of Go's, and addresses in it are of type uintptr. It never gets the address of
// Go memory, which may move.

// at returns p as a pointer. p is in SQLite's memory.
func at(p uintptr) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(&p))
}

// view returns n bytes at p, which are SQLite's, and gone or changed when
// it is called the next time.
func view(p uintptr, n int) []byte {
	return unsafe.Slice((*byte)(at(p)), n)
}

func load(p uintptr) uintptr {
	return *(*uintptr)(at(p))
}

func store(p, value uintptr) { *(*uintptr)(at(p)) = value }

func storeInt32(p uintptr, value int32) { *(*int32)(at(p)) = value }

func storeInt64(p uintptr, value int64) { *(*int64)(at(p)) = value }

const pointerSize = int(unsafe.Sizeof(uintptr(0)))

// A memory is a piece of memory outside of Go's, to hand things over in. The zero
// memory is empty.
type memory struct {
	p    uintptr
	size int
}

// keepSize is the size above which memory isn't kept for the next use.
const keepSize = 64 << 10

// grow makes m at least n bytes long; what was in it is lost. It reports false where
// there is no memory left.
func (m *memory) grow(tls *libc.TLS, n int) bool {
	if n <= m.size {
		return true
	}
	m.free(tls)
	if n <= keepSize { // and more, for the next use
		n = min(max(n+n/4, 256), keepSize)
	}
	if m.p = sqlite3.Xsqlite3_malloc64(tls, uint64(n)); m.p == 0 {
		return false
	}
	m.size = n
	return true
}

// large reports whether m is too large to keep.
func (m *memory) large() bool { return m.size > keepSize }

// trim lets go of a memory that is too large to keep.
func (m *memory) trim(tls *libc.TLS) {
	if m.large() {
		m.free(tls)
	}
}

func (m *memory) free(tls *libc.TLS) {
	sqlite3.Xsqlite3_free(tls, m.p)
	*m = memory{}
}

// put writes s at offset, and a zero byte behind it. Without a check by grow before
// it there may be no room.
func put[T string | []byte](m *memory, offset int, s T) uintptr {
	room := view(m.p, m.size)[offset:]
	copy(room, s)
	room[len(s)] = 0
	return m.p + uintptr(offset)
}

// addressOf returns the address that a function has to C, which is that of the Go
// function's value. F is the function's type, and the function one that has a name.
func addressOf[F any](f F) uintptr {
	return *(*uintptr)(unsafe.Pointer(&f))
}

// funcAt returns the function at an address, whose type is F.
func funcAt[F any](p uintptr) F {
	return *(*F)(unsafe.Pointer(&p))
}

// What SQLite calls.
var (
	busyFunc     = addressOf(busyHandler)
	progressFunc = addressOf(progressHandler)
	updateFunc   = addressOf(updateHandler)
)

// runsItself reports whether a statement that runs is in its own program: not in that of a
// trigger, and not in a statement that a virtual table runs meanwhile.
func runsItself(handle, stmt uintptr) bool {
	return (*sqlite3.Tsqlite3)(at(handle)).FnVdbeExec == 1 && (*sqlite3.TVdbe)(at(stmt)).FnFrame == 0
}

// setsRowID reports whether the program of a compiled INSERT sets the connection's last
// rowid: by an insertion into a table with rowids, or into a virtual table.
func setsRowID(stmt uintptr) bool {
	program := (*sqlite3.TVdbe)(at(stmt))
	for i := range program.FnOp {
		op := (*sqlite3.TVdbeOp)(at(program.FaOp + uintptr(i)*unsafe.Sizeof(sqlite3.TVdbeOp{})))
		switch {
		case op.Fopcode == sqlite3.OP_Insert && op.Fp5&sqlite3.OPFLAG_LASTROWID != 0:
			return true
		case op.Fopcode == sqlite3.OP_VUpdate && op.Fp1 != 0:
			return true
		}
	}
	return false
}

// busyTimeout returns what PRAGMA busy_timeout shows of a connection, in
// milliseconds, and whether the busy handler is still ours, which the pragma replaces.
func busyTimeout(handle uintptr) (milliseconds int32, ours bool) {
	db := (*sqlite3.Tsqlite3)(at(handle))
	return db.FbusyTimeout, db.FbusyHandler.FxBusyHandler == busyFunc
}

// showBusyTimeout sets what PRAGMA busy_timeout shows: SQLite has no other way to
// tell it of a wait that it doesn't do itself.
func showBusyTimeout(handle uintptr, milliseconds int32) {
	(*sqlite3.Tsqlite3)(at(handle)).FbusyTimeout = milliseconds
}

// setDoubleQuotedStrings says whether a name in double quotes that names no column is a string.
// It reports false where there is no memory left. https://sqlite.org/quirks.html#dblquote
func setDoubleQuotedStrings(tls *libc.TLS, handle uintptr, on bool) bool {
	args := memory{}
	if !args.grow(tls, 16) {
		return false
	}
	defer args.free(tls)
	value := int32(0)
	if on {
		value = 1
	}
	for _, option := range []int32{sqlite3.SQLITE_DBCONFIG_DQS_DML, sqlite3.SQLITE_DBCONFIG_DQS_DDL} {
		sqlite3.Xsqlite3_db_config(tls, handle, option, libc.VaList(args.p, value, uintptr(0)))
	}
	return true
}

// attachAs sets how the connection opens other files, which it attaches: by their paths, and it
// makes those that don't exist, or not.
func attachAs(handle uintptr, create bool) {
	flags := &(*sqlite3.Tsqlite3)(at(handle)).FopenFlags
	*flags &^= sqlite3.SQLITE_OPEN_URI
	if create {
		*flags |= sqlite3.SQLITE_OPEN_CREATE
	}
}

// A memVFSFile is what SQLite has of an open file in memory.
type memVFSFile struct {
	sqlite3.Tsqlite3_file
	number uintptr // of the handle
}

func memNumber(file uintptr) uintptr { return (*memVFSFile)(at(file)).number }

// openedMemFile fills in what SQLite has of a file that it opens.
func openedMemFile(file, number uintptr) {
	*(*memVFSFile)(at(file)) = memVFSFile{sqlite3.Tsqlite3_file{FpMethods: memMethods}, number}
}

// memMethods is the address of the methods of files in memory, which newMemVFS sets.
var memMethods uintptr

// newVFS returns the address of a description of a file system, or 0: the default one but
// for what change replaces. https://sqlite.org/c3ref/vfs.html
func newVFS(tls *libc.TLS, name string, change func(*sqlite3.Tsqlite3_vfs)) uintptr {
	other := sqlite3.Xsqlite3_vfs_find(tls, 0)
	if other == 0 {
		return 0
	}
	const size = int(unsafe.Sizeof(vfsInfo{}))
	m := memory{size: size + len(name) + 1}
	if m.p = sqlite3.Xsqlite3_malloc(tls, int32(m.size)); m.p == 0 {
		return 0
	}
	vfs := *(*sqlite3.Tsqlite3_vfs)(at(other))
	vfs.FpNext = 0
	change(&vfs)
	vfs.FzName = put(&m, size, name)
	*(*vfsInfo)(at(m.p)) = vfsInfo{vfs, other}
	return m.p
}

// newMemVFS returns the address of a description of the file system in memory, or 0. What
// isn't about files it has from the default one.
func newMemVFS(tls *libc.TLS) uintptr {
	memMethods = sqlite3.Xsqlite3_malloc(tls, int32(unsafe.Sizeof(sqlite3.Tsqlite3_io_methods{})))
	if memMethods == 0 {
		return 0
	}
	*(*sqlite3.Tsqlite3_io_methods)(at(memMethods)) = newMemMethods()
	return newVFS(tls, memVFS, func(vfs *sqlite3.Tsqlite3_vfs) {
		vfs.FszOsFile = max(vfs.FszOsFile, int32(unsafe.Sizeof(memVFSFile{})))
		vfs.FxOpen = addressOf(memOpen)
		vfs.FxDelete = addressOf(memDelete)
		vfs.FxAccess = addressOf(memAccess)
		vfs.FxFullPathname = addressOf(memFullPathname)
	})
}

// newMemMethods returns the methods of files in memory. Version 2 is that with shared
// memory.
func newMemMethods() sqlite3.Tsqlite3_io_methods {
	return sqlite3.Tsqlite3_io_methods{
		FiVersion:               2,
		FxClose:                 addressOf(memClose),
		FxRead:                  addressOf(memRead),
		FxWrite:                 addressOf(memWrite),
		FxTruncate:              addressOf(memTruncate),
		FxSync:                  addressOf(memSync),
		FxFileSize:              addressOf(memFileSize),
		FxLock:                  addressOf(memLock),
		FxUnlock:                addressOf(memUnlock),
		FxCheckReservedLock:     addressOf(memCheckReservedLock),
		FxFileControl:           addressOf(memFileControl),
		FxSectorSize:            addressOf(memSectorSize),
		FxDeviceCharacteristics: addressOf(memCharacteristics),
		FxShmMap:                addressOf(memShmMap),
		FxShmLock:               addressOf(memShmLock),
		FxShmBarrier:            addressOf(memShmBarrier),
		FxShmUnmap:              addressOf(memShmUnmap),
	}
}

// A vfsInfo is what SQLite has of one of our file systems, and behind it the address of
// the default one.
type vfsInfo struct {
	sqlite3.Tsqlite3_vfs
	other uintptr
}

// A diskVFS is the address of the default file system.
type diskVFS uintptr

// defaultVFS returns the one that was the default when vfs was made.
func defaultVFS(vfs uintptr) diskVFS { return diskVFS((*vfsInfo)(at(vfs)).other) }

func (v diskVFS) methods() *sqlite3.Tsqlite3_vfs { return (*sqlite3.Tsqlite3_vfs)(at(uintptr(v))) }

func (v diskVFS) open(tls *libc.TLS, name, file uintptr, flags int32, outFlags uintptr) int32 {
	return funcAt[func(*libc.TLS, uintptr, uintptr, uintptr, int32, uintptr) int32](v.methods().FxOpen)(tls, uintptr(v), name, file, flags, outFlags)
}

func (v diskVFS) delete(tls *libc.TLS, name uintptr, syncFolder int32) int32 {
	return funcAt[func(*libc.TLS, uintptr, uintptr, int32) int32](v.methods().FxDelete)(tls, uintptr(v), name, syncFolder)
}

func (v diskVFS) access(tls *libc.TLS, name uintptr, flags int32, result uintptr) int32 {
	return funcAt[func(*libc.TLS, uintptr, uintptr, int32, uintptr) int32](v.methods().FxAccess)(tls, uintptr(v), name, flags, result)
}

func (v diskVFS) fullPathname(tls *libc.TLS, name uintptr, size int32, result uintptr) int32 {
	return funcAt[func(*libc.TLS, uintptr, uintptr, int32, uintptr) int32](v.methods().FxFullPathname)(tls, uintptr(v), name, size, result)
}

// newFileVFS returns the address of a description of the file system of files, or 0: the
// default one, whose open files have some of our own besides.
func newFileVFS(tls *libc.TLS) uintptr {
	return newVFS(tls, fileVFS, func(vfs *sqlite3.Tsqlite3_vfs) {
		unixFiles = strings.HasPrefix(libc.GoString(vfs.FzName), "unix")
		fileExtraAt = uintptr(vfs.FszOsFile)
		vfs.FszOsFile += int32(unsafe.Sizeof(fileExtra{}))
		vfs.FxOpen = addressOf(fileOpen)
	})
}

// unixFiles is whether an open file is a sqlite3.TunixFile, as in the file system that is the
// default on Unix.
var unixFiles bool

// A fileExtra is what an open file has besides.
type fileExtra struct {
	number   uintptr // of its reader, or 0
	identity identity
}

// fileExtraAt is where it is in an open file.
var fileExtraAt uintptr

func extraOf(file uintptr) *fileExtra { return (*fileExtra)(at(file + fileExtraAt)) }

func fileNumber(file uintptr) uintptr    { return extraOf(file).number }
func setFileNumber(file, number uintptr) { extraOf(file).number = number }

// A fileMethods is the methods of an open file: the default file system's, except for
// those of its shared memory, and behind them the address of the default ones.
type fileMethods struct {
	sqlite3.Tsqlite3_io_methods
	other uintptr
}

// replaceMethods gives an open file our methods in place of its own. made has those that
// were made before. A file without shared memory stays as it is, and so does one for whose
// methods there is no memory left.
func replaceMethods(tls *libc.TLS, file uintptr, made map[uintptr]uintptr) {
	f := (*sqlite3.Tsqlite3_file)(at(file))
	p, ok := made[f.FpMethods]
	if !ok {
		methods := *(*sqlite3.Tsqlite3_io_methods)(at(f.FpMethods))
		if methods.FiVersion < 2 || methods.FxShmMap == 0 {
			return
		}
		if p = sqlite3.Xsqlite3_malloc(tls, int32(unsafe.Sizeof(fileMethods{}))); p == 0 {
			return
		}
		other := f.FpMethods
		methods.FxShmMap = addressOf(fileShmMap)
		methods.FxShmLock = addressOf(fileShmLock)
		methods.FxShmUnmap = addressOf(fileShmUnmap)
		*(*fileMethods)(at(p)) = fileMethods{methods, other}
		made[other] = p
	}
	f.FpMethods = p
}

// A diskShm is an open file whose methods we have replaced: its shared memory, by the
// default file system's methods.
type diskShm uintptr

func (file diskShm) methods() *sqlite3.Tsqlite3_io_methods {
	ours := (*fileMethods)(at(load(uintptr(file))))
	return (*sqlite3.Tsqlite3_io_methods)(at(ours.other))
}

func (file diskShm) mapRegion(tls *libc.TLS, i, size, extend int32, result uintptr) int32 {
	return funcAt[func(*libc.TLS, uintptr, int32, int32, int32, uintptr) int32](file.methods().FxShmMap)(tls, uintptr(file), i, size, extend, result)
}

func (file diskShm) lock(tls *libc.TLS, first, n, flags int32) int32 {
	return funcAt[func(*libc.TLS, uintptr, int32, int32, int32) int32](file.methods().FxShmLock)(tls, uintptr(file), first, n, flags)
}

func (file diskShm) unmap(tls *libc.TLS, remove int32) int32 {
	return funcAt[func(*libc.TLS, uintptr, int32) int32](file.methods().FxShmUnmap)(tls, uintptr(file), remove)
}

const (
	pageCacheSize  = unsafe.Sizeof(pageCache{})
	cachedPageSize = unsafe.Sizeof(cachedPage{})
)

// usePageCache makes SQLite use our page cache, which concerns all of the process. It
// reports false where it is too late, since something has opened a database already:
// SQLite's own is as right, and slower. How to begin and end stays as it was, since
// SQLite takes other memory by way of its own page cache too, and counts it under a lock
// that is made there. https://sqlite.org/c3ref/pcache_methods2.html
func usePageCache() bool {
	tls := libc.NewTLS()
	defer tls.Close()
	// A list of arguments takes 8 bytes for each, and wants an address that 8 divides, also
	// where pointers have 4: so it comes first.
	const list, size = 8, unsafe.Sizeof(sqlite3.Tsqlite3_pcache_methods2{})
	args := libc.Xmalloc(tls, list+libc.Tsize_t(size)) // SQLite's malloc would be too early
	if args == 0 {
		return false
	}
	defer libc.Xfree(tls, args)
	p := args + list
	config := func(option int32) bool {
		return sqlite3.Xsqlite3_config(tls, option, libc.VaList(args, p)) == sqlite3.SQLITE_OK
	}
	if !config(sqlite3.SQLITE_CONFIG_GETPCACHE2) {
		return false
	}
	methods := (*sqlite3.Tsqlite3_pcache_methods2)(at(p))
	methods.FxCreate = addressOf(pageCacheCreate)
	methods.FxCachesize = addressOf(pageCacheSetSize)
	methods.FxPagecount = addressOf(pageCacheCount)
	methods.FxFetch = addressOf(pageCacheFetch)
	methods.FxUnpin = addressOf(pageCacheUnpin)
	methods.FxRekey = addressOf(pageCacheRekey)
	methods.FxTruncate = addressOf(pageCacheTruncate)
	methods.FxDestroy = addressOf(pageCacheDestroy)
	methods.FxShrink = addressOf(pageCacheShrink)
	return config(sqlite3.SQLITE_CONFIG_PCACHE2)
}
