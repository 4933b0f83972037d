// Package gen makes Go code from SQL. It runs sqlc, writes an iterator for each :many query, and checks
// that the code does what the queries say. It works in any project that has sqlc's configuration and a
// module that requires duolite.
//
// It writes files only if there are no findings. Files written by hand in the same folders stay as they
// are.
package gen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/duolite/duolite/cmd/duolite/internal/dynamic"
)

// Options say what [Run] does. The zero value writes the code of the configuration in the current folder.
type Options struct {
	// File is sqlc's configuration. The default is sqlc.yaml, sqlc.yml or sqlc.json.
	File string
	// SQLC is the command that runs sqlc, with its first arguments. The default is the installed sqlc, if
	// it has the version that the module requires, or else the module's tool, or else one that is built.
	SQLC string
	// Check: write nothing, and find files that would change.
	Check bool
	// Dynamic: each query with conditions that its arguments decide is dynamic.
	Dynamic bool
	// Plans: print the plans of the queries, and write nothing.
	Plans bool
	// Server is the URL of a libSQL server that compiles each statement too, or "".
	Server string
	// OpenWith is IMPORTPATH.FUNC, a func() []db.Option with the options of the check's databases, or "".
	OpenWith string
}

// Run writes the code that a configuration of sqlc asks for, and checks it. A mistake in the SQL ends no
// step before the others: the error is a [usage.Findings] with the findings of all.
func Run(ctx context.Context, o Options, stdout, stderr io.Writer) error {
	if err := errors.Join(checkServer(o.Server), checkOpenWith(o.OpenWith)); err != nil {
		return err
	}
	c, err := readConfig(o.File)
	if err != nil {
		return err
	}
	w, err := newWorkspace(c)
	if err != nil {
		return err
	}
	defer w.remove()
	var found findings
	plans := io.Discard
	if o.Plans {
		plans = stdout
	}
	changes, err := judge(ctx, c, w, o, &found, plans, stderr)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		found.print(stderr)
		return err
	case len(found) > 0:
		return found.err()
	case o.Check, o.Plans:
		return nil
	}
	return apply(changes, stdout)
}

// judge runs all steps, and adds their findings to found. It returns the changes of the files, and writes
// none of them.
func judge(ctx context.Context, c *config, w *workspace, o Options, found *findings, plans, stderr io.Writer) ([]change, error) {
	sources, err := readSources(c, w, o.Dynamic, found, stderr)
	if err != nil {
		return nil, err
	}
	dynamics, err := mirrorDynamic(c, w, o.Dynamic)
	if err != nil {
		return nil, err
	}
	s, err := newSQLC(ctx, o.SQLC, c.dir, stderr)
	if err != nil {
		return nil, err
	}
	left := &leftOut{w: w, sources: sources}
	if err := left.unreadable(*found); err != nil {
		return nil, err
	}
	if ok, err := s.generate(ctx, c, w, left, found, stderr); !ok || err != nil {
		s.explain(found)
		return nil, err
	}
	files, err := w.outputs()
	if err != nil {
		return nil, err
	}
	if err := restoreDynamic(c, dynamics, files, found); err != nil {
		return nil, err
	}
	var targets []*target
	for _, b := range c.ours() {
		t, err := newTarget(c, b, files, found)
		if err != nil {
			return nil, err
		}
		targets = append(targets, t)
	}
	for i, t := range targets {
		if err := runGate(ctx, w, t, sources[i], o, left.any, found, plans, stderr); err != nil {
			return nil, err
		}
		if text, ok := t.files[dynamic.ListsFile]; ok {
			files[filepath.Join(t.dir, dynamic.ListsFile)] = text
		}
	}
	s.explain(found)
	changes, err := changesTo(files, targets)
	if err == nil && o.Check && !left.any {
		found.addDrift(changes)
	}
	return changes, err
}

// readSources gathers the SQL of our blocks, and looks through their queries.
func readSources(c *config, w *workspace, allDynamic bool, found *findings, stderr io.Writer) ([]*source, error) {
	var sources []*source
	for i, b := range c.ours() {
		below, err := c.below(slices.Concat(b.Schema, b.Queries))
		if err != nil {
			return nil, err
		}
		for _, file := range below {
			fmt.Fprintf(stderr, "duolite: %s is left out, as sqlc doesn't read folders in a folder: move it, or name its folder in %s\n", shown(file), c.path)
		}
		s, err := gather(c, b, filepath.Join(w.temp, fmt.Sprint("source", i)))
		if err != nil {
			return nil, err
		}
		if allDynamic {
			if err := s.markDynamic(); err != nil {
				return nil, err
			}
		}
		if err := s.check(found); err != nil {
			return nil, err
		}
		sources = append(sources, s)
	}
	return sources, nil
}
