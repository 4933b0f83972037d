package report

import (
	_ "embed"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/duolite/duolite/bench/internal/suite"
)

//go:embed performance.md.tmpl
var page string

var pageTemplate = template.Must(template.New("performance.md").Parse(page))

// Draw writes performance.md and its charts to the folder docs. file is the path of the
// results, for the page's text.
func Draw(results *suite.Results, file, docs string) error {
	f := index(results)
	charts := filepath.Join(docs, "performance")
	if err := os.MkdirAll(charts, 0o755); err != nil {
		return err
	}
	all := map[string]string{
		"local.svg":  chart("Files: time, as multiples of C", f.panels("local", 0)),
		"growth.svg": f.growthChart(),
		"large.svg":  chart("Files with many wide rows: time, as multiples of C", f.panels("large", 0)),
	}
	for _, delay := range f.delays() {
		all[remoteChart(delay)] = chart(fmt.Sprintf("Server, round trip %d ms: time, as multiples of the ideal client", delay), f.panels("remote", delay))
	}
	for name, svg := range all {
		if err := os.WriteFile(filepath.Join(charts, name), []byte(svg), 0o644); err != nil {
			return err
		}
	}
	var b strings.Builder
	if err := pageTemplate.Execute(&b, f.page(results, file)); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(docs, "performance.md"), []byte(b.String()), 0o644)
}

func remoteChart(delay int64) string { return fmt.Sprintf("remote-%dms.svg", delay) }

func (f *figures) page(results *suite.Results, file string) map[string]any {
	command := "make bench"
	if results.Form == suite.Full.Form {
		command = "make bench-full"
	}
	m := results.Machine
	return map[string]any{
		"File": "../bench/" + file, "Command": command,
		"Machine":      fmt.Sprintf("%s, %d cores, %s, %s, gcc %s, Node.js %s", m.CPU, m.Cores, m.System, m.Go, m.GCC, m.Node),
		"Date":         results.Started.Format(time.DateOnly),
		"Rounds":       fmt.Sprint(f.rounds()),
		"Took":         time.Duration(results.Took * 1e9).String(),
		"Load":         m.LoadBeg + " before and " + m.LoadEnd + " after",
		"Aims":         f.aimsTable(),
		"Slower":       f.slower(),
		"Local":        f.overview(f.in("local", 0), wall),
		"LocalCPU":     f.overview(f.in("local", 0), cpu),
		"LocalMixed":   f.mixed(f.in("local", 0)),
		"LocalDetails": f.allDetails("local", 0),
		"Large":        f.large(),
		"Remote":       f.remote(),
		"Growth":       f.growth(),
		"Defaults":     f.defaults(),
		"Failures":     f.failures(),
		"LeftOut":      list(results.LeftOut, ": "),
		"Versions":     f.versions(results),
	}
}

func (f *figures) rounds() (most int) {
	for _, byName := range f.runs {
		for _, runs := range byName {
			most = max(most, runs[len(runs)-1].Round)
		}
	}
	return most
}

func (f *figures) allDetails(section string, delay int64) string {
	var b strings.Builder
	b.WriteString("<details><summary>All figures</summary>\n\n")
	for _, at := range f.in(section, delay) {
		if !isMixed(at) {
			fmt.Fprintf(&b, "**%s**: %s%s\n\n%s\n", at.workload, f.title(at), where(at), f.details(at))
		}
	}
	b.WriteString("</details>\n")
	return b.String()
}

// large returns the figures of files with many wide rows.
func (f *figures) large() string {
	var b strings.Builder
	for _, size := range f.sizes("large") {
		places := f.sized("large", size)
		fmt.Fprintf(&b, "### %s wide rows\n\n%s\nBy the CPU time:\n\n%s\n%s", count(size), f.overview(places, wall), f.overview(places, cpu), f.mixed(places))
	}
	b.WriteString(f.allDetails("large", 0))
	return b.String()
}

func (f *figures) remote() string {
	var b strings.Builder
	for _, delay := range f.delays() {
		fmt.Fprintf(&b, "### Round trip of %d ms\n\n%s\nBy the CPU time of the client:\n\n%s\n![Server, round trip of %d ms](performance/%s)\n\n%s\n",
			delay, f.overview(f.in("remote", delay), wall), f.overview(f.in("remote", delay), cpu), delay, remoteChart(delay), f.allDetails("remote", delay))
	}
	return b.String()
}

// versions returns the versions of the modules, and the SQLite versions that programs
// reported.
func (f *figures) versions(results *suite.Results) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(results.Version)) {
		all = append(all, name+" "+results.Version[name])
	}
	var said []string
	for _, r := range results.Runs {
		line := r.Contestant + " " + r.SQLite
		if r.Section == "remote" {
			line = "the server " + r.SQLite
		}
		if r.SQLite != "" && (r.Section == "local" || r.Section == "remote") && !slices.Contains(said, line) {
			said = append(said, line)
		}
	}
	return strings.Join(all, ", ") + ". SQLite: " + strings.Join(said, ", ")
}

func list(all map[string]string, between string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "- %s%s%s\n", name, between, strings.ReplaceAll(all[name], "\n", " "))
	}
	return b.String()
}
