package filevfs

import (
	"sync"

	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// A methods is the methods of an open file: the default file system's, some of them replaced, and
// after them the address of the default ones.
type methods struct {
	sqlite3.Tsqlite3_io_methods
	disk uintptr
}

// replaced has the address of the methods that a function made of default methods.
var replaced = struct {
	sync.Mutex
	methods map[replacement]uintptr
}{methods: map[replacement]uintptr{}}

// A replacement is the address of default methods, and the function that replaces some of them.
type replacement struct{ disk, by uintptr }

// replaceMethods makes an open file call the methods that by sets. The file stays as it is if by
// reports false, and if there is no memory left.
func replaceMethods(tls *libc.TLS, file uintptr, by func(*methods) bool) {
	replaced.Lock()
	defer replaced.Unlock()
	f := cmem.As[sqlite3.Tsqlite3_file](file)
	key := replacement{f.FpMethods, cmem.AddressOf(by)}
	p, ok := replaced.methods[key]
	if !ok {
		own := methods{*cmem.As[sqlite3.Tsqlite3_io_methods](f.FpMethods), f.FpMethods}
		if !by(&own) {
			return
		}
		if p = sqlite3.Xsqlite3_malloc(tls, int32(cmem.Size[methods]())); p == 0 {
			return
		}
		*cmem.As[methods](p) = own
		replaced.methods[key] = p
	}
	f.FpMethods = p
}

// diskMethods returns the default methods of a file whose methods were replaced.
func diskMethods(file uintptr) *sqlite3.Tsqlite3_io_methods {
	own := cmem.As[methods](cmem.Load(file))
	return cmem.As[sqlite3.Tsqlite3_io_methods](own.disk)
}
