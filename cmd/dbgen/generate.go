package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
)

// generate does all that the command does, up to the first failure.
func generate(ctx context.Context, o options, stdout, stderr io.Writer) error {
	if err := checkServer(o.server); err != nil {
		return err
	}
	c, err := readConfig(o.file)
	if err != nil {
		return err
	}
	w, err := newWorkspace(c)
	if err != nil {
		return err
	}
	defer w.remove()
	sources, err := checkSources(c, w, stderr)
	if err != nil {
		return err
	}
	s, err := newSQLC(ctx, o.sqlc, stderr)
	if err != nil {
		return err
	}
	dynamics, err := mirrorDynamic(c, w, o.dynamic)
	if err != nil {
		return err
	}
	if err := s.generate(ctx, c, w); err != nil {
		return err
	}
	files, err := w.outputs()
	if err != nil {
		return err
	}
	if err := restoreDynamic(c, dynamics, files); err != nil {
		return err
	}
	targets, err := newTargets(c, files)
	if err != nil {
		return err
	}
	for i, t := range targets {
		if err := runGate(ctx, w, t, sources[i], o.server, stderr); err != nil {
			return err
		}
	}
	changes, err := changesTo(files, gonePaths(targets))
	switch {
	case err != nil:
		return err
	case o.check:
		return drift(changes)
	default:
		return apply(changes, stdout)
	}
}

// checkSources gathers the SQL of our blocks, and looks through their queries.
func checkSources(c *config, w *workspace, stderr io.Writer) ([]*source, error) {
	var sources []*source
	for i, b := range c.Blocks {
		if !b.ours() {
			continue
		}
		below, err := c.below(slices.Concat(b.Schema, b.Queries))
		if err != nil {
			return nil, err
		}
		for _, file := range below {
			fmt.Fprintf(stderr, "dbgen: %s is left out, as sqlc doesn't read folders in a folder: move it, or name its folder in %s\n", shown(file), c.path)
		}
		s, err := gather(c, b, filepath.Join(w.temp, fmt.Sprint("source", i)))
		if err != nil {
			return nil, err
		}
		if err := s.check(); err != nil {
			return nil, err
		}
		sources = append(sources, s)
	}
	return sources, nil
}

// newTargets returns the targets of our blocks, and adds their iterators to files.
func newTargets(c *config, files map[string][]byte) ([]*target, error) {
	var targets []*target
	for _, b := range c.Blocks {
		if !b.ours() {
			continue
		}
		t, err := newTarget(c, b, files)
		if err != nil {
			return nil, err
		}
		targets = append(targets, t)
	}
	return targets, nil
}
