package vfs

import "modernc.org/libc"

// The types of the methods of an open file. https://sqlite.org/c3ref/io_methods.html
type (
	CloseFunc    = func(tls *libc.TLS, file uintptr) int32
	TransferFunc = func(tls *libc.TLS, file, memory uintptr, n int32, offset int64) int32 // xRead, xWrite
	TruncateFunc = func(tls *libc.TLS, file uintptr, size int64) int32
	SyncFunc     = func(tls *libc.TLS, file uintptr, flags int32) int32
	FileSizeFunc = func(tls *libc.TLS, file, size uintptr) int32
	ControlFunc  = func(tls *libc.TLS, file uintptr, op int32, arg uintptr) int32
	ShmMapFunc   = func(tls *libc.TLS, file uintptr, i, size, extend int32, result uintptr) int32
	ShmLockFunc  = func(tls *libc.TLS, file uintptr, first, n, flags int32) int32
	ShmUnmapFunc = func(tls *libc.TLS, file uintptr, remove int32) int32
)
