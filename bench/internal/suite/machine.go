package suite

import (
	"context"
	"os"
	"regexp"
	"runtime"
	"strings"
)

// A Machine describes the machine of a run.
type Machine struct {
	CPU     string `json:"cpu"`
	Cores   int    `json:"cores"`
	System  string `json:"system"`
	Go      string `json:"go"`
	GCC     string `json:"gcc,omitempty"`
	Node    string `json:"node,omitempty"`
	LoadBeg string `json:"load_before,omitempty"`
	LoadEnd string `json:"load_after,omitempty"`
}

func thisMachine(ctx context.Context) Machine {
	m := Machine{Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, LoadBeg: load()}
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if found := regexp.MustCompile(`model name\s*:\s*(.*)`).FindSubmatch(info); found != nil {
			m.CPU = string(found[1])
		}
	}
	m.Go, _ = output(ctx, "", []string{"GOTOOLCHAIN=" + toolchain(ctx, "")}, "go", "env", "GOVERSION")
	m.GCC, _ = output(ctx, "", nil, "gcc", "-dumpfullversion")
	m.Node, _ = output(ctx, "", nil, "node", "--version")
	return m
}

// load returns the system's load of the last minute, as a sign of other activity.
func load() string {
	text, _ := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(text), " ")
	return first
}

// peers are the measured modules.
var peers = []string{
	"github.com/mattn/go-sqlite3", "modernc.org/sqlite", "github.com/ncruces/go-sqlite3", "zombiezen.com/go/sqlite",
	"github.com/jmoiron/sqlx", "gorm.io/gorm", "github.com/uptrace/bun",
	"github.com/tursodatabase/libsql-client-go", "github.com/tursodatabase/go-libsql",
}

func versions(ctx context.Context) map[string]string {
	all := make(map[string]string)
	for _, module := range peers {
		if version, err := output(ctx, "", nil, "go", "list", "-m", "-f", "{{.Version}}", module); err == nil {
			all[module] = version
		}
	}
	return all
}
