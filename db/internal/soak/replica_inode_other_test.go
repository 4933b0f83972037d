//go:build !unix

package soak_test

import "io/fs"

func inode(fs.FileInfo) uint64 { return 0 }
