//go:build !linux

package sqlite

// keepsReadLocks: to keep a lock wants to know who else is there, and a system on which the
// tests are run.
const keepsReadLocks = false

func company(uintptr, int) bool { return true }
