package project

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/duolite/duolite/cmd/duolite/internal/usage"
)

const (
	duolite = "github.com/duolite/duolite"
	// goVersion is the oldest version of Go for new projects. If duolite needs a newer one, go mod tidy
	// writes that.
	goVersion = "1.26.0"
)

// addModule writes go.mod and go.sum. The go command does, so that they are complete and in its own form.
func addModule(ctx context.Context, dir string, o Options, stderr io.Writer) error {
	slow := time.AfterFunc(5*time.Second, func() {
		fmt.Fprintln(stderr, "duolite: waiting for go; the first time it downloads the modules that duolite requires")
	})
	defer slow.Stop()
	if err := checkModule(ctx, dir, o.Module); err != nil {
		return err
	}
	if err := run(ctx, dir, "mod", "init", o.Module); err != nil {
		return refused(err, o.Module)
	}
	// go would write its own version, which can be newer than the versions that others have.
	edit := []string{"mod", "edit", "-go=" + goVersion, "-require=" + duolite + "@" + o.Version, "-tool=" + duolite + "/cmd/duolite"}
	if o.Replace != "" {
		edit = append(edit, "-replace="+duolite+"="+o.Replace)
	}
	if err := run(ctx, dir, edit...); err != nil {
		return err
	}
	return run(ctx, dir, "mod", "tidy")
}

// checkModule refuses a module path whose packages Go would look for among its own, or take for a pattern.
func checkModule(ctx context.Context, dir, module string) error {
	root, err := output(ctx, dir, "env", "GOROOT")
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(module, "/")
	_, err = os.Stat(filepath.Join(root, "src", first))
	if err == nil && first != "" || slices.Contains([]string{"all", "std", "C"}, first) {
		return usage.Errorf("%q can't be the module path: Go has packages of that name; give --module, such as example.com/app", module)
	}
	return nil
}

// refused is the error for a module path that go refuses.
func refused(err error, module string) error {
	var failed goError
	if errors.As(err, &failed) {
		return usage.Errorf("%q can't be the module path: %s; give --module, such as example.com/app", module, failed.problem)
	}
	return err
}

// A goError is about a command that has run and failed.
type goError struct{ command, problem string }

func (e goError) Error() string { return fmt.Sprintf("go %s: %s", e.command, e.problem) }

// run runs go in a folder.
func run(ctx context.Context, dir string, args ...string) error {
	_, err := output(ctx, dir, args...)
	return err
}

// output runs go in a folder, and returns the last line that go prints. If go fails, that line is the error.
func output(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	// The project isn't part of a workspace that is above it.
	cmd.Env = append(os.Environ(), "GOWORK=off")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 2 * time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.Is(err, exec.ErrNotFound):
		return "", usage.Errorf("go isn't on the PATH: install Go from https://go.dev/dl/")
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	last := lines[len(lines)-1]
	if err != nil {
		return "", goError{strings.Join(args[:2], " "), strings.TrimPrefix(last, "go: ")}
	}
	return last, nil
}
