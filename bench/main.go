// Command bench measures duolite and its peers, and writes docs/performance.md and its charts
// from the results.
//
//	go run .         # some minutes
//	go run . -full   # some tens of minutes
//	go run . -draw   # only writes the page again
//	go run . -rent   # prints the cost and the saving of each mechanism of duolite
//	go run . -dynamic 1000000   # prints a table of dynamic statements on a million rows
//	go run . -walk         # cuts the network of a replica, and writes docs/replicas.md
//	go run . -faults 10    # prints a table of embedded replicas after faults
//	go run . -replica 50   # prints a table of embedded replicas of a database of 50 MiB
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"regexp"
	"syscall"

	"github.com/duolite/duolite/bench/internal/report"
	"github.com/duolite/duolite/bench/internal/suite"
)

func main() {
	log.SetFlags(log.Ltime)
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	full := flag.Bool("full", false, "measure longer, more often, and more")
	only := flag.String("only", "", "measure what this regular expression matches of SECTION/WORKLOAD/CONTESTANT, and keep it in -out only")
	out := flag.String("out", "", "the file for the results (default results/short.json or results/full.json)")
	rent := flag.Bool("rent", false, "measure duolite with and without each of its mechanisms, of which -only matches the name, and print a table")
	megabytes := flag.Int("replica", 0, "measure embedded replicas of a database of so many MiB, and print a table")
	rows := flag.Int("dynamic", 0, "measure dynamic statements on tables of so many rows, and print a table")
	faults := flag.Int("faults", 0, "have faults happen to embedded replicas, of which -only matches the name, so many times each, and print a table")
	walk := flag.Bool("walk", false, "cut the network of a replica, bring it back, and write docs/replicas.md")
	draw := flag.Bool("draw", false, "measure nothing: draw from the file")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	plan := suite.Short
	if *full {
		plan = suite.Full
	}
	var filter *regexp.Regexp
	if *only != "" {
		var err error
		if filter, err = regexp.Compile(*only); err != nil {
			return err
		}
	}
	if *rent {
		return suite.Rent(ctx, plan, filter, os.Stdout)
	}
	if *megabytes > 0 {
		return suite.Replica(ctx, plan, *megabytes, os.Stdout)
	}
	if *rows > 0 {
		return suite.Dynamic(ctx, plan, *rows, os.Stdout)
	}
	if *faults > 0 {
		return suite.ReplicaFaults(ctx, *faults, filter, os.Stdout)
	}
	if *walk {
		return drawWalk(ctx, *draw)
	}
	if *out == "" {
		*out = "results/" + plan.Form + ".json"
	}
	if !*draw {
		results, err := suite.Measure(ctx, plan, filter)
		if results != nil && len(results.Runs) > 0 {
			// Write the results before an error too, since they may have taken long.
			err = errors.Join(err, results.Write(*out))
		}
		if err != nil || filter != nil {
			return err
		}
	}
	results, err := suite.Read(*out)
	if err != nil {
		return err
	}
	return report.Draw(results, *out, "../docs")
}

// drawWalk measures a walk, unless it is only drawn, and draws it.
func drawWalk(ctx context.Context, onlyDraw bool) error {
	const file = "results/walk.json"
	if !onlyDraw {
		walk, err := suite.MeasureWalk(ctx)
		if err == nil {
			err = walk.Write(file)
		}
		if err != nil {
			return err
		}
	}
	walk, err := suite.ReadWalk(file)
	if err != nil {
		return err
	}
	return report.DrawWalk(walk, file, "../docs")
}
