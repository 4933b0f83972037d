// Package tursotest starts tursodb with --sync-server, the server of the replication protocol of package
// pull, for tests. It runs statements by the server's own endpoint, which the Hrana client doesn't speak.
package tursotest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

const (
	// version is the version of the npm package, whose hash follows in npm's notation.
	version   = "0.6.0"
	name      = "@tursodatabase/cli-linux-x64-gnu"
	integrity = "sha512-bhiFKQ7JPtQKW7NQ3uh+yks5JsrngAPJYXxIkUnpkafbp6yRMEbV1UgaAkiZTxfB2MVE2gwj/qpXJ+tONgmZRw=="

	installTimeout = 5 * time.Minute
)

// install returns the path of tursodb in the user's cache folder. If it isn't there, install downloads
// it with npm.
func install(ctx context.Context) (string, error) {
	if platform := runtime.GOOS + "/" + runtime.GOARCH; platform != "linux/amd64" {
		return "", fmt.Errorf("it is pinned for linux/amd64, and this is %s", platform)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	path := filepath.Join(cache, "duolite", "turso-"+version, "tursodb")
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		return path, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	// On the same file system as path, so that the binary can be renamed to path, at once also for
	// other processes.
	folder, err := os.MkdirTemp(filepath.Dir(path), "install-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(folder)
	if err := npm(ctx, folder); err != nil {
		return "", err
	}
	return path, os.Rename(filepath.Join(folder, "node_modules", name, "tursodb"), path)
}

// npm installs the package in a folder. Its scripts don't run.
func npm(ctx context.Context, folder string) error {
	type object = map[string]any
	dependencies := object{name: version}
	manifest, err := json.Marshal(object{"private": true, "dependencies": dependencies})
	lock, err2 := json.Marshal(object{"lockfileVersion": 3, "requires": true, "packages": object{
		"":                     object{"dependencies": dependencies},
		"node_modules/" + name: object{"version": version, "integrity": integrity},
	}})
	err = errors.Join(err, err2,
		os.WriteFile(filepath.Join(folder, "package.json"), manifest, 0o644),
		os.WriteFile(filepath.Join(folder, "package-lock.json"), lock, 0o644))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, installTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
	cmd.Dir, cmd.WaitDelay = folder, time.Second
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("npm ci: %w", err)
	}
	return nil
}
