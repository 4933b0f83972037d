package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/duolite/duolite/bench/internal/suite"
)

// A table is a Markdown table.
type table struct {
	b strings.Builder
}

func newTable(columns ...string) *table {
	t := &table{}
	t.row(columns...)
	t.row(slices.Repeat([]string{"---"}, len(columns))...)
	return t
}

func (t *table) row(cells ...string) { t.b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }

func (t *table) String() string { return t.b.String() }

// duration formats nanoseconds.
func duration(ns float64) string {
	d := time.Duration(ns)
	switch {
	case d >= time.Second:
		return short(d.Seconds()) + " s"
	case d >= time.Millisecond:
		return short(ns/1e6) + " ms"
	default:
		return short(ns/1e3) + " µs"
	}
}

// overview returns the ratios of a time at places of a section, with a row for each contestant. Readers
// beside a writer have a table of their own: a time for reads alone says nothing.
func (f *figures) overview(places []place, time metric) string {
	places = slices.DeleteFunc(slices.Clone(places), isMixed)
	if len(places) == 0 {
		return ""
	}
	heads := []string{""}
	for _, at := range places {
		heads = append(heads, at.workload)
	}
	t := newTable(heads...)
	for _, name := range f.names(places[0].section) {
		cells := []string{bold(name)}
		for _, at := range places {
			cells = append(cells, f.ratioCell(at, name, time))
		}
		if strings.Join(cells[1:], "") != "" {
			t.row(cells...)
		}
	}
	return t.String()
}

// isMixed reports whether a workload has readers beside a writer.
func isMixed(at place) bool { return strings.HasPrefix(at.workload, "mixed") }

// mixed returns both sides of the workloads with readers beside a writer.
func (f *figures) mixed(places []place) string {
	var b strings.Builder
	for _, at := range places {
		if !isMixed(at) {
			continue
		}
		t := newTable("", "reads/s", "writes/s", "read p50", "read p99", "write p50", "write p99", "locked", "most memory, MiB")
		for _, name := range f.names(at.section) {
			if len(f.runs[at][name]) == 0 {
				continue
			}
			cells := []string{bold(name)}
			for _, figure := range []struct {
				of   metric
				show func(float64) string
			}{
				{reads, rounded}, {writes, rounded},
				{func(r suite.Run) float64 { return r.P50 }, duration}, {func(r suite.Run) float64 { return r.P99 }, duration},
				{func(r suite.Run) float64 { return r.WriteP50 }, duration}, {func(r suite.Run) float64 { return r.WriteP99 }, duration},
				{func(r suite.Run) float64 { return float64(r.Busy) }, rounded}, {peak, rounded},
			} {
				text := "-"
				if s, ok := f.of(at, name, figure.of); ok {
					text = figure.show(s.median)
				}
				cells = append(cells, text)
			}
			t.row(cells...)
		}
		fmt.Fprintf(&b, "%s:\n\n%s\n", f.title(at), t)
	}
	return b.String()
}

func rounded(x float64) string { return count(int(x + 0.5)) }

func isOurs(name string) bool { return strings.HasPrefix(name, suite.Ours) }

func bold(name string) string {
	if isOurs(name) {
		return "**" + name + "**"
	}
	return name
}

func (f *figures) ratioCell(at place, name string, time metric) string {
	if name == limit(at.section) {
		s, ok := f.of(at, name, time)
		if !ok {
			return ""
		}
		return duration(s.median)
	}
	s, ok := f.ratio(at, name, at, limit(at.section), time)
	switch {
	case ok:
		return short(s.median)
	case f.failure(at, name) != "":
		return "-"
	default:
		return ""
	}
}

// details returns all figures of a workload.
func (f *figures) details(at place) string {
	heads := []string{"", "time", "× " + limit(at.section), "CPU time", "× " + limit(at.section), "allocations", "KiB allocated"}
	switch {
	case at.workload == "iterate" || at.section == "large":
		heads = append(heads, "most memory, MiB")
	case at.delay > 0:
		heads = append(heads, "requests", "connections", "KB sent", "KB received")
	}
	t := newTable(heads...)
	for _, name := range f.names(at.section) {
		if failure := f.failure(at, name); failure != "" {
			t.row(bold(name), "-")
			continue
		}
		t.row(f.detail(at, name)...)
	}
	return t.String()
}

func (f *figures) detail(at place, name string) []string {
	figure := func(m metric, show func(float64) string) string {
		s, ok := f.of(at, name, m)
		if !ok {
			return ""
		}
		return show(s.median)
	}
	multiple := func(m metric) string {
		s, ok := f.ratio(at, name, at, limit(at.section), m)
		if !ok {
			return ""
		}
		return s.String()
	}
	cells := []string{bold(name), figure(wall, duration), multiple(wall), figure(cpu, duration), multiple(cpu)}
	whole := func(x float64) string {
		if x == 0 {
			return ""
		}
		return fmt.Sprintf("%.0f", x)
	}
	some := func(x float64) string {
		if x == 0 {
			return ""
		}
		return short(x)
	}
	cells = append(cells, figure(allocs, whole), figure(func(r suite.Run) float64 { return r.Bytes / 1024 }, some))
	switch {
	case at.workload == "iterate" || at.section == "large":
		cells = append(cells, figure(peak, whole))
	case at.delay > 0:
		cells = append(cells,
			figure(func(r suite.Run) float64 { return r.Requests }, short), figure(func(r suite.Run) float64 { return float64(r.Connections) }, whole),
			figure(func(r suite.Run) float64 { return r.Sent / 1000 }, short), figure(func(r suite.Run) float64 { return r.Received / 1000 }, short))
	}
	return cells
}

// growth returns the times at each size.
func (f *figures) growth() string {
	var sizes []int
	var workloads []string
	for _, at := range f.in("growth", 0) {
		if !slices.Contains(sizes, at.size) {
			sizes = append(sizes, at.size)
		}
		if !slices.Contains(workloads, at.workload) {
			workloads = append(workloads, at.workload)
		}
	}
	if len(sizes) == 0 {
		return ""
	}
	heads := []string{""}
	for _, size := range sizes {
		heads = append(heads, count(size))
	}
	t := newTable(append(heads, fmt.Sprintf("× %s", heads[1]))...)
	for _, workload := range workloads {
		first := place{"growth", workload, sizes[0], 0}
		cells := []string{f.title(first)}
		for _, size := range sizes {
			s, _ := f.of(place{"growth", workload, size, 0}, suite.Ours, wall)
			cells = append(cells, duration(s.median))
		}
		s, _ := f.ratio(place{"growth", workload, sizes[len(sizes)-1], 0}, suite.Ours, first, suite.Ours, wall)
		t.row(append(cells, s.String())...)
	}
	return t.String()
}

// count formats a number with commas.
func count(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// aimsTable shows which aims are met, by elapsed time and by CPU time.
func (f *figures) aimsTable() string {
	t := newTable("aim", "wanted", "measured", "", "by CPU time", "")
	for _, a := range aims {
		s, verdict := a.measure(f, wall)
		cells := []string{a.text, a.want(), s, verdict}
		if !a.counted {
			s, verdict := a.measure(f, cpu)
			cells = append(cells, s, verdict)
		}
		t.row(cells...)
	}
	return t.String()
}

func (a aim) measure(f *figures, time metric) (measured, verdict string) {
	s, ok := a.value(f, time)
	switch {
	case !ok:
		return "", "not measured"
	case a.met(s):
		return s.String(), "reached"
	default:
		return s.String(), "**missed**"
	}
}

// slower lists the workloads in which a contestant, except the limits, took less time than
// duolite, or made more reads or more writes beside each other.
func (f *figures) slower() string {
	var lines strings.Builder
	for _, at := range f.places {
		if at.section != "local" && at.section != "large" && at.section != "remote" {
			continue
		}
		var before []string
		for _, name := range f.names(at.section) {
			if isOurs(name) || name == limit(at.section) {
				continue
			}
			if isMixed(at) {
				before = append(before, f.fewer(at, name, "reads", reads)...)
				before = append(before, f.fewer(at, name, "writes", writes)...)
			} else if s, ok := f.ratio(at, suite.Ours, at, name, wall); ok && s.median > 1.05 {
				before = append(before, fmt.Sprintf("%s (%s of its time)", name, s))
			}
		}
		if len(before) > 0 {
			fmt.Fprintf(&lines, "- %s%s: %s\n", f.title(at), where(at), strings.Join(before, "; "))
		}
	}
	if lines.Len() == 0 {
		return "Nowhere, in this run.\n"
	}
	return lines.String()
}

// fewer says how many of a contestant's reads or writes duolite makes, if it makes fewer. calls is
// "reads" or "writes".
func (f *figures) fewer(at place, name, calls string, m metric) []string {
	if at.workload == "mixed-rate" && calls == "writes" {
		return nil // all make as many
	}
	s, ok := f.ratio(at, suite.Ours, at, name, m)
	if !ok || s.median > 0.95 {
		return nil
	}
	return []string{fmt.Sprintf("%s (%s of its %s)", name, s, calls)}
}

func where(at place) string {
	switch at.section {
	case "remote":
		return fmt.Sprintf(", server at %d ms", at.delay)
	case "large":
		return fmt.Sprintf(", %s wide rows", count(at.size))
	default:
		return ""
	}
}

// failures lists the workloads that contestants couldn't run.
func (f *figures) failures() string {
	var lines []string
	for _, at := range f.places {
		for _, name := range f.names(at.section) {
			failure := f.failure(at, name)
			line := fmt.Sprintf("- %s: %s: `%s`\n", f.title(at), name, strings.ReplaceAll(failure[:min(len(failure), 80)], "`", "'"))
			if failure != "" && !slices.Contains(lines, line) {
				lines = append(lines, line)
			}
		}
	}
	return strings.Join(lines, "")
}
