// Projects runs duolite check on other people's projects, as they stand:
//
//	projects [-repo FOLDER] [-sqlc COMMAND] FOLDER…
//
// Each FOLDER is a checkout. The program looks for sqlc's configurations with the engine sqlite in it,
// and runs duolite gen on a copy of the folder for each. In the copy, only go.mod and go.sum are changed: they
// get this repository. For each configuration it prints the number of methods, the findings, the time, and the
// memory of the largest process. Files that aren't up to date are counted, and are no findings: another
// version of sqlc has written them, and duolite gen adds iterators.
//
// The exit code is 1 if duolite gen couldn't run on a project, and 0 otherwise.
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
	log.SetPrefix("projects: ")
	repo := flag.String("repo", "..", "this repository's `folder`")
	sqlc := flag.String("sqlc", "", "the `command` that runs sqlc; default the one that duolite gen finds")
	flag.Parse()
	root, err := filepath.Abs(*repo)
	if err != nil {
		log.Fatal(err)
	}
	work, err := os.MkdirTemp("", "projects-")
	if err != nil {
		log.Fatal(err)
	}
	failed, err := runAll(runner{repo: root, sqlc: *sqlc, work: work}, flag.Args())
	os.RemoveAll(work)
	if err != nil {
		log.Fatal(err)
	}
	if failed > 0 {
		log.Fatalf("%d configurations can't be checked", failed)
	}
}

// A runner runs duolite gen.
type runner struct {
	repo, sqlc, work string
	duolite          string // the program
}

// runAll runs duolite gen on each configuration in folders, and prints the results. It returns how many times
// duolite gen couldn't run.
func runAll(r runner, folders []string) (failed int, err error) {
	r.duolite = filepath.Join(r.work, "duolite.exe")
	build := exec.Command("go", "build", "-o", r.duolite, "./cmd/duolite")
	build.Dir = r.repo
	if out, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%w\n%s", err, out)
	}
	var all result
	for _, folder := range folders {
		configs, err := findConfigs(folder)
		if err != nil {
			return 0, err
		}
		if len(configs) == 0 {
			fmt.Printf("%s: no configuration of sqlc with the engine sqlite\n", folder)
		}
		for _, config := range configs {
			one, err := r.run(folder, config)
			if err != nil {
				return 0, err
			}
			one.print(filepath.Join(filepath.Base(folder), config))
			all.methods += one.methods
			all.findings = append(all.findings, one.findings...)
			if one.failed {
				failed++
			}
		}
	}
	fmt.Printf("%d methods, %d findings\n", all.methods, len(all.findings))
	return failed, nil
}
