//go:build unix && !(linux && (amd64 || arm64 || 386 || arm || riscv64 || ppc64le || s390x))

package sqlite

import "syscall"

// fill asks the system for p.stat.
func (p *place) fill() error { return syscall.Stat(p.path, &p.stat) }
