// Package report draws tables and charts of results.
package report

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/duolite/duolite/bench/internal/suite"
)

// A spread is the median over the rounds, and the least and the greatest.
type spread struct {
	median, least, most float64
}

func spreadOf(values []float64) (s spread, ok bool) {
	if len(values) == 0 {
		return s, false
	}
	slices.Sort(values)
	n := len(values)
	return spread{(values[(n-1)/2] + values[n/2]) / 2, values[0], values[n-1]}, true
}

func (s spread) String() string {
	return fmt.Sprintf("%s (%s-%s)", short(s.median), short(s.least), short(s.most))
}

// short writes a number with two digits that matter.
func short(x float64) string {
	switch {
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	default:
		return fmt.Sprintf("%.2f", x)
	}
}

// A place identifies figures: a workload with a database size and a network delay.
type place struct {
	section, workload string
	size              int
	delay             int64
}

// figures holds the results by place and contestant.
type figures struct {
	runs map[place]map[string][]suite.Run
	// places is in the order of measurement, as are names.
	places []place
}

func index(results *suite.Results) *figures {
	f := &figures{runs: make(map[place]map[string][]suite.Run)}
	for _, r := range results.Runs {
		at := place{r.Section, r.Workload, r.Size, r.Delay}
		if f.runs[at] == nil {
			f.runs[at] = make(map[string][]suite.Run)
			f.places = append(f.places, at)
		}
		f.runs[at][r.Contestant] = append(f.runs[at][r.Contestant], r)
	}
	return f
}

// find returns the place of a workload.
func (f *figures) find(section, workload string, delay int64) place {
	for _, at := range f.places {
		if at.section == section && at.workload == workload && at.delay == delay {
			return at
		}
	}
	return place{}
}

// A metric is one figure of a run.
type metric func(suite.Run) float64

func wall(r suite.Run) float64   { return r.Wall }
func cpu(r suite.Run) float64    { return r.CPU }
func allocs(r suite.Run) float64 { return r.Allocs }
func reads(r suite.Run) float64  { return r.Reads }
func writes(r suite.Run) float64 { return r.Writes }
func peak(r suite.Run) float64   { return float64(r.PeakKiB) / 1024 }

// of returns a contestant's figure.
func (f *figures) of(at place, contestant string, m metric) (spread, bool) {
	var values []float64
	for _, r := range f.runs[at][contestant] {
		if r.Error == "" {
			values = append(values, m(r))
		}
	}
	return spreadOf(values)
}

// ratio returns a figure as a multiple of another figure of the same round.
func (f *figures) ratio(at place, contestant string, to place, other string, m metric) (spread, bool) {
	var values []float64
	for _, r := range f.runs[at][contestant] {
		for _, o := range f.runs[to][other] {
			if r.Round == o.Round && r.Error == "" && o.Error == "" && m(o) > 0 {
				values = append(values, m(r)/m(o))
			}
		}
	}
	return spreadOf(values)
}

// failure returns the reason why a contestant has no figure, or "".
func (f *figures) failure(at place, contestant string) string {
	for _, r := range f.runs[at][contestant] {
		if r.Error != "" {
			return r.Error
		}
	}
	return ""
}

// limit returns the contestant with which the others of a section are compared.
func limit(section string) string {
	if section == "remote" {
		return suite.RemoteLimit
	}
	return suite.LocalLimit
}

// names returns the contestants that were measured in a section.
func (f *figures) names(section string) []string {
	all := map[string][]suite.Contestant{"local": suite.Local, "large": suite.Large, "remote": suite.Remote}[section]
	var names []string
	for _, c := range all {
		if slices.ContainsFunc(f.places, func(at place) bool { return at.section == section && len(f.runs[at][c.Name]) > 0 }) {
			names = append(names, c.Name)
		}
	}
	return names
}

// placesOf returns the places of a section.
func (f *figures) placesOf(section string) []place {
	var found []place
	for _, at := range f.places {
		if at.section == section {
			found = append(found, at)
		}
	}
	return found
}

// sized returns the places of a section with a number of bookmarks.
func (f *figures) sized(section string, size int) []place {
	return slices.DeleteFunc(f.in(section, 0), func(at place) bool { return at.size != size })
}

// sizes returns the numbers of bookmarks of a section.
func (f *figures) sizes(section string) (all []int) {
	for _, at := range f.in(section, 0) {
		if !slices.Contains(all, at.size) {
			all = append(all, at.size)
		}
	}
	return all
}

// in returns the places of a section with a delay.
func (f *figures) in(section string, delay int64) []place {
	var found []place
	for _, at := range f.places {
		if at.section == section && at.delay == delay {
			found = append(found, at)
		}
	}
	return found
}

// title describes the operation.
func (f *figures) title(at place) string {
	for _, runs := range f.runs[at] {
		return runs[0].Title
	}
	return ""
}

func (f *figures) delays() []int64 {
	var all []int64
	for _, at := range f.places {
		if at.section == "remote" && !slices.Contains(all, at.delay) {
			all = append(all, at.delay)
		}
	}
	slices.SortFunc(all, cmp.Compare)
	return all
}
