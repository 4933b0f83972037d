package sqlite

import (
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"github.com/duolite/duolite/db/internal/sqlite/filevfs"
	"github.com/duolite/duolite/db/internal/sqlite/memvfs"
	"github.com/duolite/duolite/db/internal/sqlite/pagecache"
	"github.com/duolite/duolite/internal/sqltext"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// processTestEnv makes the test binary the process that TestProcess is about.
const processTestEnv = "DUOLITE_TEST_PROCESS"

// TestProcess is about what a program finds in its process that also uses SQLite by the driver of
// modernc.org/sqlite. Each case has a process of its own.
func TestProcess(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(*testing.T){
		"import":               testImport,
		"other_driver_first":   testOtherDriverFirst,
		"other_driver_later":   testOtherDriverLater,
		"other_driver_at_once": testOtherDriverAtOnce,
		"other_page_cache":     testOtherPageCache,
		"plain":                testPlain,
	} {
		t.Run(name, func(t *testing.T) {
			if os.Getenv(processTestEnv) != "" {
				run(t)
				return
			}
			if name == "other_driver_at_once" && raceDetector {
				t.Skip("the race detector reports what pagecache.Install explains")
			}
			t.Parallel()
			cmd := osexec.Command(os.Args[0], "-test.v", "-test.parallel=8", "-test.run=^TestProcess$/^"+name+"$")
			cmd.Env = append(os.Environ(), processTestEnv+"=1")
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.Contains(string(out), "--- PASS: TestProcess/"+name+" ") {
				t.Fatalf("%v\n%s", err, out)
			}
		})
	}
}

// configuredMethods returns the page cache that SQLite is configured with. It reports false once
// SQLite is in use.
func configuredMethods(t *testing.T) (sqlite3.Tsqlite3_pcache_methods2, bool) {
	t.Helper()
	tls := libc.NewTLS()
	defer tls.Close()
	p := libc.Xcalloc(tls, 1, 256)
	defer libc.Xfree(tls, p)
	rc := sqlite3.Xsqlite3_config(tls, sqlite3.SQLITE_CONFIG_GETPCACHE2, libc.VaList(p, p+16))
	return *cmem.As[sqlite3.Tsqlite3_pcache_methods2](p + 16), rc == sqlite3.SQLITE_OK
}

// configureMethods has SQLite use a page cache, as another package may.
func configureMethods(t *testing.T, methods sqlite3.Tsqlite3_pcache_methods2) {
	t.Helper()
	tls := libc.NewTLS()
	defer tls.Close()
	p := libc.Xcalloc(tls, 1, 256)
	defer libc.Xfree(tls, p)
	*cmem.As[sqlite3.Tsqlite3_pcache_methods2](p + 16) = methods
	check(t, "result code", sqlite3.Xsqlite3_config(tls, sqlite3.SQLITE_CONFIG_PCACHE2, libc.VaList(p, p+16)), sqlite3.SQLITE_OK)
}

// isSQLites reports whether a method is a function of SQLite's.
func isSQLites(method uintptr) bool {
	return strings.HasPrefix(runtime.FuncForPC(cmem.Load(method)).Name(), "modernc.org/sqlite/lib.")
}

func checkMethodsAreSQLites(t *testing.T) {
	t.Helper()
	methods, ok := configuredMethods(t)
	check(t, "SQLite isn't in use yet", ok, true)
	all := reflect.ValueOf(methods)
	for i := range all.NumField() {
		if field := all.Type().Field(i); strings.HasPrefix(field.Name, "Fx") {
			check(t, field.Name+" is SQLite's", isSQLites(uintptr(all.Field(i).Uint())), true)
		}
	}
}

// fileSystems returns those of names that are registered with SQLite, and the default one.
func fileSystems(names ...string) (registered []string) {
	tls := libc.NewTLS()
	defer tls.Close()
	for _, name := range names {
		var m cmem.Memory
		m.Grow(tls, len(name)+1)
		if sqlite3.Xsqlite3_vfs_find(tls, cmem.Put(&m, 0, name)) != 0 {
			registered = append(registered, name)
		}
		m.Free(tls)
	}
	standard := cmem.As[sqlite3.Tsqlite3_vfs](sqlite3.Xsqlite3_vfs_find(tls, 0))
	return append(registered, libc.GoString(standard.FzName))
}

// useOwn does the same with connections of this package.
func useOwn(t *testing.T, cfg Config) *conn {
	t.Helper()
	c := connect(t, New(cfg))
	exec(t, c, sqltext.Pragma, "PRAGMA cache_size = 20")
	mustExec(t, c, "CREATE TABLE t (i, x)")
	exec(t, c, sqltext.Insert, insertMany, int64(300))
	check(t, "rows", get(t, c, "SELECT count(DISTINCT x) FROM t"), any(int64(300)))
	checkIntegrity(t, c)
	return c
}

func hasOwnCache(c *conn) bool {
	_, ours := pagecache.StatsOf(cacheAt(c.handle))
	return ours
}

// testImport: a program that imports the package, and makes a database of it without connecting,
// finds SQLite as it is without.
func testImport(t *testing.T) {
	checkMethodsAreSQLites(t)
	d := New(fileConfig(t, 0))
	must(t, d.Close())
	checkMethodsAreSQLites(t)
	o := openOther(t)
	o.use(t)
	o.checkUntouched(t)
	names := fileSystems(filevfs.Name, filevfs.Plain, memvfs.Name)
	check(t, "file systems", len(names), 1)
}

// testOtherDriverFirst: SQLite's page cache can't be set any more, and stays.
func testOtherDriverFirst(t *testing.T) {
	o := openOther(t)
	o.use(t)
	for _, cfg := range []Config{fileConfig(t, 0), {Memory: true}} {
		check(t, "own page cache", hasOwnCache(useOwn(t, cfg)), false)
	}
	o.checkUntouched(t)
}

// testOtherDriverLater: the methods of this package pass its calls on.
func testOtherDriverLater(t *testing.T) {
	for _, cfg := range []Config{fileConfig(t, 0), {Memory: true}} {
		check(t, "own page cache", hasOwnCache(useOwn(t, cfg)), true)
	}
	plain := fileConfig(t, 0)
	plain.Plain = true
	check(t, "own page cache of a plain pool", hasOwnCache(useOwn(t, plain)), false)
	o := openOther(t)
	o.use(t)
	o.checkUntouched(t)
}

// testOtherDriverAtOnce opens first databases at the same moment.
func testOtherDriverAtOnce(t *testing.T) {
	for i, cfg := range []Config{fileConfig(t, 0), {Memory: true}, fileConfig(t, 0)} {
		t.Run(fmt.Sprint("other driver ", i), func(t *testing.T) {
			t.Parallel()
			o := openOther(t)
			o.use(t)
			o.checkUntouched(t)
		})
		t.Run(fmt.Sprint("own ", i), func(t *testing.T) {
			t.Parallel()
			useOwn(t, cfg)
		})
	}
}

var (
	otherFetch   uintptr
	otherFetches int
)

func fetchByOther(tls *libc.TLS, cache uintptr, key uint32, create int32) uintptr {
	otherFetches++
	return cmem.FuncAt[func(*libc.TLS, uintptr, uint32, int32) uintptr](otherFetch)(tls, cache, key, create)
}

// testOtherPageCache: a page cache that another package has set stays.
func testOtherPageCache(t *testing.T) {
	methods, _ := configuredMethods(t)
	otherFetch = methods.FxFetch
	methods.FxFetch = cmem.AddressOf(fetchByOther)
	configureMethods(t, methods)
	check(t, "own page cache", hasOwnCache(useOwn(t, fileConfig(t, 0))), false)
	if otherFetches == 0 {
		t.Error("the other page cache wasn't asked for a page")
	}
}

// testPlain: without the page cache and kept locks the process stays as it was, and also a pool
// that is opened later with them has SQLite's page cache.
func testPlain(t *testing.T) {
	cfg := fileConfig(t, 0)
	cfg.Plain = true
	d := New(cfg)
	checkMethodsAreSQLites(t)
	c := connect(t, d)
	mustExec(t, c, "CREATE TABLE t (x)")
	for range 50 {
		get(t, c, "SELECT count(*) FROM t")
		check(t, "kept lock", filevfs.KeptLock(fileOf(t, c)), 0)
	}
	check(t, "logs with kept locks", filevfs.OpenLogs(), 0)
	check(t, "own page cache", hasOwnCache(c), false)
	attached := filepath.Join(t.TempDir(), "attached.db")
	mustExec(t, c, "ATTACH '"+attached+"' AS a", "CREATE TABLE a.t (x)")
	get(t, c, "SELECT count(*) FROM a.t")
	check(t, "logs with kept locks", filevfs.OpenLogs(), 0)
	var other engine.Database = New(fileConfig(t, time.Second))
	later := connect(t, other)
	mustExec(t, later, "CREATE TABLE t (x)")
	check(t, "own page cache of a later pool", hasOwnCache(later), false)
	if runtime.GOOS == "linux" {
		check(t, "logs with kept locks", filevfs.OpenLogs(), 1)
	}
}
