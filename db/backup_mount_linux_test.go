package db_test

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// mountSmall mounts a file system of some size. It takes a user who may do so.
func mountSmall(t *testing.T, size string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("can't mount a file system: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// TestBackupToFullDisk: a backup that has no room leaves the room that it took, and one on a read-only disk can be restored.
func TestBackupToFullDisk(t *testing.T) {
	t.Parallel()
	dir := mountSmall(t, "1m")
	pool := dbtest.OpenTemp(t, nil)
	execute(t, pool, "CREATE TABLE t (x)", "WITH RECURSIVE i (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < 1000) INSERT INTO t SELECT randomblob(2000) FROM i")
	path := filepath.Join(dir, "backup.db")
	for range 2 {
		checkError(t, "a full disk", db.Backup(t.Context(), pool, path), db.ErrFull, 13, path+" can't be written: no space left on device")
		wantAlone(t, dir)
	}
	execute(t, pool, "DELETE FROM t WHERE rowid > 100", "VACUUM")
	must(t, db.Backup(t.Context(), pool, path))
	must(t, syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	restored := tempPath(t)
	must(t, db.Restore(t.Context(), path, restored))
	check(t, "rows", get[int64](t, open(t, restored), "SELECT count(*) FROM t"), int64(100))
	checkKind(t, "a read-only disk", db.Backup(t.Context(), pool, filepath.Join(dir, "other.db")), db.ErrCantOpen)
}

// TestCopyToFullDisk: a copy that has no room goes on when there is more.
func TestCopyToFullDisk(t *testing.T) {
	t.Parallel()
	dir := mountSmall(t, "1m")
	from, to := dbtest.OpenTemp(t, nil), open(t, filepath.Join(dir, "copy.db"))
	execute(t, from, many, "INSERT INTO v SELECT randomblob(1000) FROM t")
	checkKind(t, "a full disk", db.Copy(t.Context(), from, to, smallChunks(5000)), db.ErrFull)
	must(t, syscall.Mount("", dir, "", syscall.MS_REMOUNT, "size=20m"))
	must(t, db.Copy(t.Context(), from, to, smallChunks(5000)))
	sameRows(t, from, to)
}
