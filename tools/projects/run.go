package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A result is what duolite gen prints about a configuration.
type result struct {
	methods  int
	findings []string
	notes    []string
	drift    int // files that aren't up to date
	took     time.Duration
	memory   int64 // in bytes, of the largest process; 0 if it isn't known
	failed   bool  // duolite gen couldn't run
}

// run runs duolite check on a configuration of a copy of a folder. If duolite gen can't run there, the reason may
// be a requirement that no proxy has any more. So it runs again with a go.mod that requires only this
// repository, and go adds the modules that the code imports.
func (r runner) run(folder, config string) (*result, error) {
	one, err := r.try(folder, config, false)
	if err != nil || !one.failed {
		return one, err
	}
	again, err := r.try(folder, config, true)
	if err != nil || again.failed {
		return one, err
	}
	again.notes = append(again.notes, "with a go.mod of its own, as its requirements can't be downloaded")
	return again, nil
}

func (r runner) try(folder, config string, bare bool) (*result, error) {
	dir, err := os.MkdirTemp(r.work, "")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := copyFolder(folder, dir); err != nil {
		return nil, err
	}
	if err := requireDuolite(dir, r.repo, bare); err != nil {
		return nil, err
	}
	args := []string{"check", "-f", filepath.Base(config)}
	if r.sqlc != "" {
		args = append(args, "--sqlc", r.sqlc)
	}
	cmd := exec.Command(r.duolite, args...)
	cmd.Dir = filepath.Join(dir, filepath.Dir(config))
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	err = cmd.Run()
	one := &result{took: time.Since(start)}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return nil, err
	}
	one.memory = memoryOf(cmd.ProcessState)
	one.read(out.String())
	one.failed = err != nil && !judged.MatchString(out.String())
	return one, nil
}

var (
	// judged finds the last line of duolite gen, unless an error has ended it before.
	judged  = regexp.MustCompile(`(?m)^duolite: (findings: \d+;|the code isn't up to date)`)
	checked = regexp.MustCompile(`^duolite: .*: (\d+) methods checked$`)
	drifted = regexp.MustCompile(`^[^:]+ (isn't up to date|is missing|is left over)`)
)

// read reads the output of duolite gen.
func (one *result) read(out string) {
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\n")
		switch m := checked.FindStringSubmatch(line); {
		case m != nil:
			n, _ := strconv.Atoi(m[1])
			one.methods += n
		case strings.HasPrefix(line, "duolite: "):
			one.notes = append(one.notes, line)
		case drifted.MatchString(line):
			one.drift++
		default:
			one.findings = append(one.findings, line)
		}
	}
}

// print prints the result.
func (one *result) print(name string) {
	state := ""
	if one.failed {
		state = ", not checked"
	}
	fmt.Printf("%s: %d methods, %d findings, %d files not up to date, %.1f s, %d MB%s\n",
		name, one.methods, len(one.findings), one.drift, one.took.Seconds(), one.memory>>20, state)
	for _, line := range append(one.findings, one.notes...) {
		fmt.Println("\t" + line)
	}
}
