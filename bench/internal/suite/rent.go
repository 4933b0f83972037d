package suite

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/duolite/duolite/bench/internal/work"
)

// leastWin is how much of the time without it a mechanism has to save somewhere.
const leastWin = 0.1

// Rent measures each mechanism that only matches on its workloads, with and without it in turn,
// and writes a table: the times of an operation, each the median of its rounds, and the ratios of the
// times and of the process's own CPU times. Nothing else should run on the machine.
func Rent(ctx context.Context, plan Plan, only *regexp.Regexp, to io.Writer) error {
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(bin, "rent-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s := &session{plan: plan, dir: dir}
	with := filepath.Join(dir, "with")
	if err := buildOurs(ctx, with, ""); err != nil {
		return err
	}
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "mechanism\tworkload\twith\twithout\twith/without\tof CPU\n")
	for i, m := range Mechanisms {
		if only != nil && !only.MatchString(m.Name) {
			continue
		}
		without := filepath.Join(dir, fmt.Sprintf("without-%d", i))
		if err := buildWithout(ctx, m, without); err != nil {
			return err
		}
		if err := s.measureRent(ctx, m, with, without, table); err != nil {
			return err
		}
	}
	return table.Flush()
}

func (s *session) measureRent(ctx context.Context, m Mechanism, with, without string, table io.Writer) error {
	best := 1.0
	runs := s.runOnCopy
	if m.Server {
		server, err := s.filledServer(ctx)
		if err != nil {
			return err
		}
		defer server.stop()
		runs = server.run
	}
	for _, name := range m.Workloads {
		w, err := s.workload(m, name)
		if err != nil {
			return err
		}
		sides := []struct {
			program string
			way     Contestant
			times   []float64
			cpu     []float64
		}{
			{program: with, way: Contestant{Way: m.With}}, {program: without, way: Contestant{Way: m.Without}},
		}
		for round := range s.plan.Rounds {
			for i := range sides {
				side := &sides[(i+round)%len(sides)]
				result, err := runs(ctx, []string{side.program}, side.way, w)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", m.Name, name, err)
				}
				side.times, side.cpu = append(side.times, result.Wall), append(side.cpu, result.CPU)
			}
		}
		a, b := median(sides[0].times), median(sides[1].times)
		best = min(best, a/b)
		cpu := median(sides[0].cpu) / median(sides[1].cpu)
		fmt.Fprintf(table, "%s\t%s\t%.1f µs\t%.1f µs\t%.2f\t%.2f\n", m.Name, name, a/1e3, b/1e3, a/b, cpu)
	}
	if best > 1-leastWin {
		fmt.Fprintf(table, "%s\t\t\t\t\tsaves less than %.0f %% everywhere\n", m.Name, leastWin*100)
	}
	return nil
}

// workload returns a workload of the plan, or one of two that aren't part of it.
func (s *session) workload(m Mechanism, name string) (Workload, error) {
	planned := s.plan.local()
	if m.Server {
		planned = s.plan.remote()
	}
	for _, w := range planned {
		if w.Name == name {
			return w, nil
		}
	}
	switch name {
	case "concurrent":
		return Workload{Name: name, Rows: 1, Title: "16 goroutines, 50 reads each", Time: s.plan.Time, Seeded: seeded}, nil
	case "point-ctx":
		return Workload{Name: name, Rows: 1, Title: "read a row by its id, with a context that can be canceled", Time: s.plan.Time, Seeded: seeded}, nil
	case "wide":
		return Workload{Name: "scan", Rows: 100_000, Title: "read 100,000 rows of seven columns into a slice", Time: s.plan.Time, Seeded: 100_000}, nil
	}
	return Workload{}, fmt.Errorf("there is no workload %q", name)
}

// run runs a workload on the server, whose rows it shares with earlier runs.
func (s *server) run(ctx context.Context, command []string, c Contestant, w Workload) (result work.Result, err error) {
	result = run(ctx, command, c, w, s.url(), nil, true)
	if result.Error != "" {
		err = errors.New(result.Error)
	}
	return result, errors.Join(err, ctx.Err())
}

// runOnCopy runs a workload on a file of its own.
func (s *session) runOnCopy(ctx context.Context, command []string, c Contestant, w Workload) (result work.Result, err error) {
	seed, err := s.seed(ctx, w.Seeded)
	if err != nil {
		return result, err
	}
	path := filepath.Join(s.dir, "run.db")
	defer removeDatabase(path)
	if err := copyFile(path, seed); err != nil {
		return result, err
	}
	result = run(ctx, command, c, w, path, nil, false)
	if result.Error != "" {
		err = errors.New(result.Error)
	}
	return result, errors.Join(err, ctx.Err())
}

func median(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	return values[len(values)/2]
}

// buildOurs builds the contestant duolite. overlay, if it isn't empty, is a file that names others
// that take the place of source files (go help build).
func buildOurs(ctx context.Context, to, overlay string) error {
	args := []string{"build", "-o", to}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	_, err := output(ctx, "", []string{"CGO_ENABLED=0"}, "go", append(args, "./contestant/duolite")...)
	return err
}

// buildWithout builds the contestant duolite without a mechanism.
func buildWithout(ctx context.Context, m Mechanism, to string) error {
	overlay, err := writeOverlay(m, to)
	if err != nil {
		return err
	}
	if err := buildOurs(ctx, to, overlay); err != nil {
		return fmt.Errorf("without %s: %w", m.Name, err)
	}
	return nil
}

// writeOverlay writes the edited source files, and the file that names them, whose path it returns.
func writeOverlay(m Mechanism, to string) (string, error) {
	replace := make(map[string]string) // by the path of the original
	for i, e := range m.Edits {
		original, err := filepath.Abs(filepath.Join("..", e.File))
		if err != nil {
			return "", err
		}
		code, err := os.ReadFile(cmp.Or(replace[original], original))
		if err != nil {
			return "", err
		}
		if n := strings.Count(string(code), e.Old); n != 1 {
			return "", fmt.Errorf("%s: %s is %d times in %s, want once", m.Name, e.Old, n, e.File)
		}
		if replace[original], err = filepath.Abs(fmt.Sprintf("%s-%d.go", to, i)); err != nil {
			return "", err
		}
		if err := os.WriteFile(replace[original], []byte(strings.Replace(string(code), e.Old, e.New, 1)), 0o644); err != nil {
			return "", err
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path := to + ".json"
	return path, os.WriteFile(path, overlay, 0o644)
}
