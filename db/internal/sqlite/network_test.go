package sqlite

import (
	"path/filepath"
	"runtime"
	"testing"
)

func TestNetworkFS(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "app.db")
	kind, err := networkFS(filepath.Dir(path))
	must(t, err)
	if kind != "" {
		t.Skipf("the temporary folder is on %s", kind)
	}
	must(t, refuseNetwork(Config{Path: path}, path))
	check(t, "text", networkError("app.db", "NFS").Error(), "app.db can't be used where it is: its file system is NFS, "+
		"where a write-ahead log loses data when several machines write; keep it on a disk of this machine, "+
		"let a libSQL server keep it and open its libsql:// URL, or say by WithWALOnNetwork that one machine alone uses it")
	if runtime.GOOS == "windows" {
		return
	}
	if _, err := networkFS(path); err == nil {
		t.Error("a file that isn't there has a file system")
	}
}

func TestUNC(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		`\\server\share\app.db`:         true,
		`//server/share/app.db`:         true,
		`\\?\UNC\server\share\app.db`:   true,
		`\\?\unc\server\share\app.db`:   true,
		`\\.\UNC\server\share\app.db`:   true,
		`\\wsl.localhost\Debian\app.db`: true,
		`\\?\C:\app.db`:                 false,
		`\\.\C:\app.db`:                 false,
		`\\?\Volume{1}\app.db`:          false,
		`\\?\UNCLE\app.db`:              false,
		`C:\app.db`:                     false,
		`\app.db`:                       false,
		`app.db`:                        false,
	} {
		check(t, path, isUNC(path), want)
	}
}
