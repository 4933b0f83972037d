package report

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/duolite/duolite/bench/internal/suite"
	"github.com/duolite/duolite/bench/internal/work"
)

func runs(contestant string, walls ...float64) (all []suite.Run) {
	for i, wall := range walls {
		all = append(all, suite.Run{Section: "local", Workload: "point", Title: "a title", Contestant: contestant, Round: i + 1, Rows: 1,
			Result: work.Result{Ops: 1, Wall: wall, CPU: wall}})
	}
	return all
}

// TestRatio: ratios are of figures of the same round.
func TestRatio(t *testing.T) {
	f := index(&suite.Results{Runs: append(runs(suite.LocalLimit, 10, 100, 1000), runs(suite.Ours, 20, 300, 1000)...)})
	at := f.find("local", "point", 0)
	got, ok := f.ratio(at, suite.Ours, at, suite.LocalLimit, wall)
	if want := (spread{2, 1, 3}); !ok || got != want {
		t.Errorf("%v, %t; want %v", got, ok, want)
	}
}

func TestMet(t *testing.T) {
	most, least := aim{bound: 1.1}, aim{bound: 1.5, least: true}
	if !most.met(spread{median: 1.1}) || most.met(spread{median: 1.11}) || !least.met(spread{median: 1.5}) || least.met(spread{median: 1.4}) {
		t.Error("aims are met, or not, at the wrong places")
	}
}

// TestDraw: who is slower is said, and who failed has no figure.
func TestDraw(t *testing.T) {
	dir := t.TempDir()
	all := append(runs(suite.LocalLimit, 10, 10), runs(suite.Ours, 30, 30)...)
	all = append(all, runs("zombiezen", 20, 20)...)
	failed := runs("gorm", 0)
	failed[0].Error = "it couldn't"
	all = append(all, failed...)
	for contestant, rates := range map[string][2]float64{suite.Ours: {200, 10}, "zombiezen": {100, 40}} {
		all = append(all, suite.Run{Section: "local", Workload: "mixed", Title: "both", Contestant: contestant, Round: 1,
			Result: work.Result{Wall: 1, CPU: 1, Reads: rates[0], Writes: rates[1]}})
	}
	cut := runs("zombiezen", 300)
	cut[0].Workload = "scan"
	limit := runs(suite.LocalLimit, 10)
	limit[0].Workload = "scan"
	all = append(append(all, limit...), cut...)
	for _, size := range []int{1000, 10_000} {
		all = append(all, suite.Run{Section: "growth", Workload: "page", Contestant: suite.Ours, Round: 1, Size: size, Result: work.Result{Wall: float64(size), CPU: 1}})
	}
	if err := Draw(&suite.Results{Form: "short", Runs: all}, "results/short.json", dir); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(dir, "performance.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"zombiezen (1.50 (1.50-1.50) of its time)", "zombiezen (0.25 (0.25-0.25) of its writes)", "| **duolite** | 200 | 10 |", "a title: gorm: `it couldn't`", "10.0 (10.0-10.0)"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page doesn't say %q", want)
		}
	}
	picture, err := os.ReadFile(filepath.Join(dir, "performance", "local.svg"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(picture), `class="break"`); n != 2 || !strings.Contains(string(picture), ">30.0<") {
		t.Errorf("a bar of 30 times has %d marks that it is cut, want 2, and its number", n)
	}
}
