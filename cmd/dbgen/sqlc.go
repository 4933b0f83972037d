package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// A sqlc runs sqlc.
type sqlc struct {
	words []string
	env   []string
}

// newSQLC makes sure that command runs sqlc. The first time it may have to be built.
func newSQLC(ctx context.Context, command string, stderr io.Writer) (*sqlc, error) {
	s := &sqlc{words: strings.Fields(command), env: os.Environ()}
	if len(s.words) == 0 {
		return nil, badUsage("--sqlc is empty: want a command, such as %q", defaultSQLC)
	}
	if _, ok := os.LookupEnv("CGO_ENABLED"); !ok {
		// Its parser is then WebAssembly: no C compiler is needed.
		s.env = append(s.env, "CGO_ENABLED=0")
	}
	slow := time.AfterFunc(5*time.Second, func() {
		fmt.Fprintln(stderr, "dbgen: waiting for sqlc; where it has to be built first, that takes some minutes")
	})
	defer slow.Stop()
	if out, err := s.run(ctx, "version"); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, badUsage("sqlc can't be run by %q: %v: %s; add it by: go get -tool github.com/sqlc-dev/sqlc/cmd/sqlc@v1.31.1, or name the command with --sqlc",
			command, err, strings.TrimSpace(out))
	}
	return s, nil
}

// generate has sqlc write its code into the workspace.
func (s *sqlc) generate(ctx context.Context, c *config, w *workspace) error {
	file := w.inside(c.absolute())
	if c.vets() {
		if err := s.verb(ctx, w, "vet", file); err != nil {
			return err
		}
	}
	return s.verb(ctx, w, "generate", file)
}

// verb runs a subcommand of sqlc. Its error has the output.
func (s *sqlc) verb(ctx context.Context, w *workspace, verb, file string) error {
	out, err := s.run(ctx, verb, "-f", file)
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	lines := strings.Split(strings.TrimSpace(w.real(out)), "\n")
	return findingsError{lines, fmt.Sprintf("sqlc %s: %v", verb, err)}
}

// run runs sqlc, and returns its output.
func (s *sqlc) run(ctx context.Context, args ...string) (string, error) {
	cmd := command(ctx, s.words[0], append(s.words[1:len(s.words):len(s.words)], args...)...)
	cmd.Env = s.env
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(bytes.TrimSpace(out.Bytes())) == 0 {
		err = fmt.Errorf("%w, without any output", err)
	}
	return out.String(), err
}

// command returns a program that is interrupted when ctx ends, and killed later.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 2 * time.Second // for a program that can't, and for programs that it started
	return cmd
}
