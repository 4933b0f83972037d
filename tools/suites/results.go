package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"
)

// testTimeout is the maximum duration of a test. A longer test counts as hung.
const testTimeout = 3 * time.Minute

// A result is the result of a test. failed maps the name of each failed subtest, or of the
// test itself, to its output.
type result struct {
	skipped bool
	failed  map[string]string
}

// runAll runs each test in a process of its own, so that a panic ends one test alone.
func runAll(program, dir string, tests []string, driver string) map[string]result {
	results := make(map[string]result)
	for _, test := range tests {
		ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
		cmd := exec.CommandContext(ctx, program, "-test.run=^"+test+"$", "-test.v", "-test.timeout="+(testTimeout-10*time.Second).String())
		cmd.Dir = dir
		temp, err := os.MkdirTemp("", "suite-test-")
		if err != nil {
			panic(err)
		}
		cmd.Env = append(os.Environ(), "DUOLITE_SUITE="+driver, "TMPDIR="+temp)
		cmd.WaitDelay = time.Second
		out, err := cmd.CombinedOutput()
		cancel()
		os.RemoveAll(temp)
		results[test] = read(test, string(out), err)
	}
	return results
}

var (
	failLine = regexp.MustCompile(`(?m)^ *--- FAIL: (\S+)`)
	skipLine = regexp.MustCompile(`(?m)^--- SKIP: (\S+)`)
)

// read parses the output of a test.
func read(test, out string, err error) result {
	r := result{skipped: skipLine.MatchString(out), failed: make(map[string]string)}
	if err == nil {
		return r
	}
	var names []string
	for _, match := range failLine.FindAllStringSubmatch(out, -1) {
		names = append(names, match[1])
	}
	for _, name := range names {
		isParent := slices.ContainsFunc(names, func(other string) bool { return strings.HasPrefix(other, name+"/") })
		if !isParent {
			r.failed[name] = out
		}
	}
	if len(r.failed) == 0 { // a panic, or a hang
		r.failed[test] = out
	}
	return r
}

// known maps the names of tests to the reasons for which they fail. A name that ends with *
// stands for all tests with that prefix.
type known map[string]string

// readKnown reads a file with a test and its reason on each line. It skips comments.
func readKnown(file string) (known, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	all := make(known)
	for line := range bytes.Lines(text) {
		name, reason, _ := strings.Cut(strings.TrimSpace(string(line)), " ")
		if name != "" && name != "#" {
			all[name] = strings.TrimSpace(reason)
		}
	}
	return all, err
}

// find returns the name in the file that matches a test, and the reason. Both are empty if
// none matches.
func (k known) find(test string) (line, reason string) {
	for end := len(test); end > 0; end-- {
		for _, line := range []string{test[:end] + "*", test[:end]} {
			if reason, ok := k[line]; ok && (end == len(test) || strings.HasSuffix(line, "*")) {
				return line, reason
			}
		}
	}
	return "", ""
}

// report prints the results, and reports whether exactly the known tests fail.
func (s suite) report(own, ours map[string]result, all known, verbose bool) (same bool) {
	same = true
	used := make(map[string]bool)
	passed, ownPassed, skipped := 0, 0, 0
	for _, test := range slices.Sorted(maps.Keys(ours)) {
		mine, theirs := ours[test], own[test]
		switch {
		case mine.skipped:
			skipped++
		case len(mine.failed) == 0:
			passed++
		}
		if !theirs.skipped && len(theirs.failed) == 0 {
			ownPassed++
		}
		for _, name := range slices.Sorted(maps.Keys(mine.failed)) {
			line, reason := all.find(name)
			used[line] = true
			switch _, both := theirs.failed[name]; {
			case line != "":
				fmt.Printf("%s: %s fails: %s\n", s.name, name, reason)
			case both:
				fmt.Printf("%s: %s fails over its own driver too\n", s.name, name)
			default:
				same = false
				fmt.Printf("%s: %s FAILS over package db, and has no line in tools/suites/%s.txt\n", s.name, name, s.name)
			}
			if verbose {
				fmt.Println(mine.failed[name])
			}
		}
	}
	for _, line := range slices.Sorted(maps.Keys(all)) {
		if !used[line] {
			same = false
			fmt.Printf("%s: %s has a line in tools/suites/%s.txt, and FAILS no more\n", s.name, line, s.name)
		}
	}
	fmt.Printf("%s %s: %d tests, %d pass over package db, %d over their own driver, %d are skipped\n",
		s.module, s.version, len(ours), passed, ownPassed, skipped)
	return same
}
