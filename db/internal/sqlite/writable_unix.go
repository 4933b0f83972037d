//go:build unix

package sqlite

import "syscall"

// writable returns the operating system's error if the process may not write a file, or make
// files in a folder.
func writable(path string) error { return syscall.Access(path, 2) } // W_OK
