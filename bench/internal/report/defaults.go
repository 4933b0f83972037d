package report

import (
	"fmt"
	"strings"

	"github.com/duolite/duolite/bench/internal/suite"
)

// defaults returns a table for each of duolite's settings: the figures with the default and
// with each alternative.
func (f *figures) defaults() string {
	var b strings.Builder
	for _, s := range suite.Short.Settings() {
		if places := f.placesOf(s.Section()); len(places) > 0 {
			fmt.Fprintf(&b, "### %s: %s\n\n%s\n\n%s\n", strings.ToUpper(s.Name[:1])+s.Name[1:], s.Values[0].Name, s.Why, f.setting(s, places))
		}
	}
	return b.String()
}

// setting returns a table with a row for each value.
func (f *figures) setting(s suite.Setting, places []place) string {
	heads := []string{""}
	for _, at := range places {
		title := f.title(at)
		if s.Remote {
			title += fmt.Sprintf(", at %d ms", at.delay)
		}
		heads = append(heads, title)
	}
	t := newTable(append(heads, "most memory, MiB")...)
	normal := s.Values[0].Name
	for i, value := range s.Values {
		cells := []string{value.Name}
		for _, at := range places {
			text := ""
			if i == 0 {
				figure, _ := f.of(at, normal, wall)
				text = duration(figure.median)
			} else if ratio, ok := f.ratio(at, value.Name, at, normal, wall); ok {
				text = "× " + ratio.String()
			}
			cells = append(cells, text)
		}
		t.row(append(cells, f.mostMemory(places, value.Name))...)
	}
	return t.String()
}

func (f *figures) mostMemory(places []place, name string) string {
	most := 0.0
	for _, at := range places {
		if s, ok := f.of(at, name, func(r suite.Run) float64 { return float64(r.PeakKiB) / 1024 }); ok {
			most = max(most, s.median)
		}
	}
	return fmt.Sprintf("%.0f", most)
}
