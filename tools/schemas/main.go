// Schemas makes projects of other people's databases:
//
//	schemas [-repo FOLDER] [-sqlc COMMAND] [-keep FOLDER] FILE…
//
// Each FILE is a SQLite database, or a script of SQL that makes one. If there is a file of the same name with the ending .go, it is
// the package options with the func Options() []db.Option that duolite gen --open-with wants. For each, the program runs duolite schema
// --queries, duolite gen and duolite check in an empty module. It prints the numbers of tables, queries and methods, the notes of
// duolite schema, and the findings of duolite gen. With -keep the projects stay in that folder, in
// place of earlier ones.
//
// The exit code is 1 if a database becomes no project, and 0 otherwise.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("schemas: ")
	repo := flag.String("repo", "..", "this repository's `folder`")
	sqlc := flag.String("sqlc", "", "the `command` that runs sqlc; default the one that duolite gen finds")
	keep := flag.String("keep", "", "the `folder` for the projects; default a temporary one")
	flag.Parse()
	root, err := filepath.Abs(*repo)
	if err != nil {
		log.Fatal(err)
	}
	work, err := folder(*keep)
	if err != nil {
		log.Fatal(err)
	}
	failed, err := runAll(runner{repo: root, sqlc: *sqlc, work: work}, flag.Args())
	if *keep == "" {
		os.RemoveAll(work)
	}
	if err != nil {
		log.Fatal(err)
	}
	if failed > 0 {
		log.Fatalf("%d databases became no project", failed)
	}
}

// folder makes the folder of the projects.
func folder(keep string) (string, error) {
	if keep == "" {
		return os.MkdirTemp("", "schemas-")
	}
	return filepath.Abs(keep)
}

// A runner runs duolite.
type runner struct {
	repo, sqlc, work string
	duolite          string // the program
}

// runAll makes a project of each file, and prints the results. It returns how many failed.
func runAll(r runner, files []string) (failed int, err error) {
	r.duolite = filepath.Join(r.work, "duolite.exe")
	build := exec.Command("go", "build", "-o", r.duolite, "./cmd/duolite")
	build.Dir = r.repo
	if out, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%w\n%s", err, out)
	}
	for _, file := range files {
		one, err := r.run(file)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", file, err)
		}
		one.print()
		if one.failed {
			failed++
		}
	}
	return failed, nil
}
