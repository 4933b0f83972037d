//go:build !linux

package fileid

import "io"

// Pin returns nil. APFS and NTFS don't give a file's number to another file later, so that it isn't
// needed there; other systems have no such descriptor.
func Pin(string, ID) io.Closer { return nil }
