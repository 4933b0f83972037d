// Suites runs the tests of other drivers and libraries over package db and over their own
// driver, and compares the results:
//
//	suites [-v] [NAME…]
//
// The sources come from the Go module proxy. Only the calls that open a database are changed.
// Only tests that use database/sql alone are run, because the types and functions of a driver
// can't be tested with another driver.
//
// A test that passes over its own driver and fails over package db needs a line with the
// reason in NAME.txt, in the folder of this file. The command fails if such a test has no
// line, or if the test of a line passes. docs/coming-from.md explains the reasons.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// A suite holds the tests of one module.
type suite struct {
	name    string
	module  string
	version string
	// folder is the name of an environment variable, for a module that the module proxy
	// doesn't have. Its value is a folder with the sources.
	folder string
	// sub is the folder of the tests and of their go.mod, relative to the module.
	sub string
	// patch changes a source to open databases by the function openSuite.
	patch func(source string) string
	// driver is the driver name in the tests' calls of sql.Open.
	driver string
	// cgo is true if the module needs a C compiler.
	cgo bool
	// all is true if every test uses database/sql alone.
	all bool
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("suites: ")
	verbose := flag.Bool("v", false, "print what failing tests print")
	repo := flag.String("repo", "..", "the repository's `folder`")
	flag.Parse()
	root, err := filepath.Abs(*repo)
	if err != nil {
		log.Fatal(err)
	}
	differs := false
	for _, s := range suites {
		if flag.NArg() > 0 && !slices.Contains(flag.Args(), s.name) {
			continue
		}
		if s.folder != "" && os.Getenv(s.folder) == "" {
			fmt.Printf("%s: not run; set %s to a folder with %s %s\n", s.name, s.folder, s.module, s.version)
			continue
		}
		if s.cgo && !hasCompiler() {
			fmt.Printf("%s: not run; it needs a C compiler\n", s.name)
			continue
		}
		same, err := s.run(root, *verbose)
		if err != nil {
			log.Fatalf("%s: %v", s.name, err)
		}
		differs = differs || !same
	}
	if differs {
		os.Exit(1)
	}
}

func hasCompiler() bool {
	return slices.ContainsFunc([]string{"gcc", "clang"}, func(name string) bool {
		_, err := exec.LookPath(name)
		return err == nil
	})
}

// run runs the suite over both drivers and compares the results.
func (s suite) run(root string, verbose bool) (same bool, err error) {
	work, err := os.MkdirTemp("", "suite-"+s.name+"-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(work)
	dir, err := s.prepare(root, work)
	if err != nil {
		return false, err
	}
	tests, err := s.tests(dir)
	if err != nil {
		return false, err
	}
	program, err := s.compile(dir)
	if err != nil {
		return false, err
	}
	own, ours := runAll(program, dir, tests, "own"), runAll(program, dir, tests, "duolite")
	known, err := readKnown(filepath.Join(root, "tools", "suites", s.name+".txt"))
	if err != nil {
		return false, err
	}
	return s.report(own, ours, known, verbose), nil
}
