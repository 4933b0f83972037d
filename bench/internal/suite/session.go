package suite

import (
	"context"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"
)

// A session is one run of the benchmarks.
type session struct {
	plan     Plan
	only     *regexp.Regexp
	dir      string              // folder for databases
	commands map[string][]string // by program and version of Go
	results  *Results
}

// Measure runs the parts of the plan that only matches. It is matched with section, workload
// and contestant, such as "local/point/duolite". After an error the results so far are
// returned too.
func Measure(ctx context.Context, plan Plan, only *regexp.Regexp) (*Results, error) {
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(bin, "databases-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	s := &session{plan: plan, only: only, dir: dir, commands: make(map[string][]string)}
	s.results = &Results{Form: plan.Form, Started: time.Now().UTC().Truncate(time.Second), LeftOut: make(map[string]string),
		Machine: thisMachine(ctx), Version: versions(ctx)}
	s.buildAll(ctx)
	for _, section := range []func(context.Context) error{s.local, s.large, s.remote, s.growth, s.defaults} {
		if err = section(ctx); err != nil {
			break
		}
	}
	s.results.Took = time.Since(s.results.Started).Round(time.Second).Seconds()
	s.results.Machine.LoadEnd = load()
	return s.results, err
}

func (s *session) wants(section, workload, contestant string) bool {
	return s.only == nil || s.only.MatchString(section+"/"+workload+"/"+contestant)
}

// buildAll builds all needed contestants before anything is measured, since a compiler between
// two runs would distort them.
func (s *session) buildAll(ctx context.Context) {
	for _, c := range Local {
		if s.wantsAny("local", s.plan.local(), []Contestant{c}) {
			s.command(ctx, c)
		}
	}
	for _, c := range Large {
		if s.wantsAny("large", s.plan.large(), []Contestant{c}) {
			s.command(ctx, c)
		}
	}
	for _, c := range Remote {
		if s.wantsAny("remote", s.plan.remote(), []Contestant{c}) {
			s.command(ctx, c)
		}
	}
	s.command(ctx, growing)
}

// command returns the command line of a contestant, or nil if it can't be built here, which is
// recorded.
func (s *session) command(ctx context.Context, c Contestant) []string {
	if known := s.commands[c.Program+c.Go]; known != nil || s.results.LeftOut[c.Name] != "" {
		return known
	}
	command, err := build(ctx, c)
	if err != nil {
		s.results.LeftOut[c.Name] = err.Error()
		log.Printf("%s is left out: %v", c.Name, err)
		return nil
	}
	s.commands[c.Program+c.Go] = command
	return command
}

// local runs the contestants on files.
func (s *session) local(ctx context.Context) error {
	return s.localRounds(ctx, "local", s.plan.local(), Local)
}

// large runs the contestants on files with many wide rows.
func (s *session) large(ctx context.Context) error {
	return s.localRounds(ctx, "large", s.plan.large(), Large)
}

// localRounds gives each run its own file.
func (s *session) localRounds(ctx context.Context, section string, workloads []Workload, contestants []Contestant) error {
	for round := 1; round <= s.plan.Rounds; round++ {
		for _, w := range workloads {
			for _, c := range rotated(contestants, round) {
				if err := s.localRun(ctx, section, round, w, c); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (s *session) localRun(ctx context.Context, section string, round int, w Workload, c Contestant) error {
	if !s.wants(section, w.Name, c.Name) || !c.runs(w) {
		return nil
	}
	command := s.command(ctx, c)
	if command == nil {
		return nil
	}
	path, remove, err := s.file(ctx, w, c)
	if err != nil {
		return err
	}
	defer remove()
	s.keep(Run{Section: section, Workload: w.Name, Title: w.Title, Contestant: c.Name, Round: round, Rows: w.Rows, Size: w.Seeded,
		Result: run(ctx, command, c, w, path, nil, false)})
	return ctx.Err()
}

// runs reports whether the contestant has a workload.
func (c Contestant) runs(w Workload) bool { return c.Only == nil || slices.Contains(c.Only, w.Name) }

// file returns the file for a run: a copy of the seed, which remove removes, or the seed itself for a
// workload that only reads a large one.
func (s *session) file(ctx context.Context, w Workload, c Contestant) (path string, remove func(), err error) {
	var seed string
	switch {
	case c.Way == growing.Way:
		seed, err = s.marksSeed(ctx, w.Seeded)
	case w.Wide:
		seed, err = s.wideSeed(ctx, w.Seeded)
	default:
		seed, err = s.seed(ctx, w.Seeded)
	}
	if err != nil || w.Wide && w.reads() {
		return seed, func() {}, err
	}
	path = filepath.Join(s.dir, "run.db")
	return path, func() { removeDatabase(path) }, copyFile(path, seed)
}

func removeDatabase(path string) {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		os.Remove(path + suffix)
	}
}

func (s *session) keep(r Run) {
	log.Printf("%s %s %d ms, round %d: %s: %.4g µs, %.4g µs of CPU %s", r.Section, r.Workload, r.Delay, r.Round, r.Contestant, r.Wall/1e3, r.CPU/1e3, r.Error)
	s.results.Runs = append(s.results.Runs, r)
}

// rotated returns the contestants in another order for each round, so that none is always
// measured after the same one.
func rotated(all []Contestant, round int) []Contestant {
	n := round % len(all)
	return append(append([]Contestant(nil), all[n:]...), all[:n]...)
}
