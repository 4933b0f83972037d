//go:build unix && !(linux && (amd64 || arm64 || 386 || arm || riscv64 || ppc64le || s390x))

package fileid

import "syscall"

// fill asks the system for p.stat.
func (p *Path) fill() error { return syscall.Stat(p.path, &p.stat) }
