package report

import (
	"fmt"
	"html"
	"strings"

	"github.com/duolite/duolite/bench/internal/suite"
)

// A bar is a bar of a chart, with its spread as a line.
type bar struct {
	name string
	spread
	ours bool
}

// A panel is a group of bars with a title.
type panel struct {
	title string
	bars  []bar
}

const (
	barHeight, panelGap         = 16, 40
	chartWidth, left, barsWidth = 760, 170, 480
	// cut is the maximum length of a bar, so that one very long bar leaves room for the
	// others.
	cut = 12.0
)

// chart draws panels below each other as SVG. Bars are multiples of 1, which a line marks.
func chart(title string, panels []panel) string {
	var b strings.Builder
	y := 50
	for _, p := range panels {
		y = drawPanel(&b, p, y)
	}
	return svg(title, y, b.String())
}

// svg returns a chart with a title.
func svg(title string, height int, content string) string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">
<rect width="100%%" height="100%%" fill="#fff"/>
<text x="10" y="24" font-size="15" font-weight="bold">%s</text>
%s</svg>
`, chartWidth, height, html.EscapeString(title), content)
}

func drawPanel(b *strings.Builder, p panel, y int) int {
	longest := 1.0
	for _, one := range p.bars {
		longest = max(longest, min(one.median, cut))
	}
	scale := func(x float64) float64 { return min(x, longest) / longest * barsWidth }
	fmt.Fprintf(b, `<text x="10" y="%d" font-weight="bold">%s</text>`+"\n", y, html.EscapeString(p.title))
	top := y + 6
	for i, one := range p.bars {
		at, color := top+i*barHeight, "#9aa7b4"
		if one.ours {
			color = "#1f6feb"
		}
		fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="end">%s</text>`, left-6, at+12, html.EscapeString(one.name))
		fmt.Fprintf(b, `<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>`, left, at+2, scale(one.median), barHeight-4, color)
		fmt.Fprintf(b, `<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="#333"/>`, left+scale(one.least), left+scale(one.most), at+8, at+8)
		fmt.Fprintf(b, `<text x="%.1f" y="%d">%s</text>`+"\n", left+scale(max(one.median, one.most))+6, at+12, short(one.median))
	}
	bottom := top + len(p.bars)*barHeight
	fmt.Fprintf(b, `<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="#d33" stroke-dasharray="3"/>`+"\n", left+scale(1), left+scale(1), top, bottom)
	return bottom + panelGap - 10
}

// panels returns the ratios of a section's workloads.
func (f *figures) panels(section string, delay int64) []panel {
	var all []panel
	for _, at := range f.in(section, delay) {
		p := panel{title: f.title(at)}
		for _, name := range f.names(section) {
			if s, ok := f.ratio(at, name, at, limit(section), wall); ok && name != limit(section) {
				p.bars = append(p.bars, bar{name, s, isOurs(name)})
			}
		}
		all = append(all, p)
	}
	return all
}

// growthPanels returns the times at each size as multiples of the time at the smallest size.
func (f *figures) growthPanels() []panel {
	var all []panel
	var first place
	for _, at := range f.in("growth", 0) {
		if at.workload != first.workload {
			first = at
			all = append(all, panel{title: f.title(at)})
		}
		if s, ok := f.ratio(at, suite.Ours, first, suite.Ours, wall); ok {
			p := &all[len(all)-1]
			p.bars = append(p.bars, bar{count(at.size) + " bookmarks", s, true})
		}
	}
	return all
}
