// Suites runs the tests of other drivers and libraries over package db, beside a run over
// their own driver:
//
//	suites [-v] [NAME…]
//
// The sources come from the Go module proxy. They are changed in one place alone, where they open
// a database. Only tests that use database/sql alone are run: those that call the driver's
// own types and functions say nothing of another.
//
// A test that passes over its own driver and fails over package db needs a line in NAME.txt,
// beside this file, with the reason; so the command fails for each test that has none, and for each
// line whose test passes. docs/coming-from.md has the reasons at length.
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

// A suite is the tests of one module.
type suite struct {
	name    string
	module  string
	version string
	// folder is an environment variable that names a folder with the sources, of a module that
	// the module proxy doesn't have.
	folder string
	// sub is the folder of the tests, and of their go.mod, in the module.
	sub string
	// patch opens databases by the function openSuite.
	patch func(source string) string
	// driver is the name that the tests open.
	driver string
	// cgo says that it needs a C compiler.
	cgo bool
	// all says that each test uses database/sql alone.
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

// run runs the suite over both drivers, and compares.
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
