//go:build !linux

package sqlite

import "io"

// pin isn't needed where a file's number isn't given to another file later, as on APFS and
// NTFS, and can't be had elsewhere.
func pin(string, identity) io.Closer { return nil }
