package report

import (
	"fmt"
	"html"
	"strings"
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

// style has the colors, for a light and a dark page.
const style = `<style>
svg { color-scheme: light dark; --ground: #fff; --text: #1f2328; --ours: #1f6feb; --other: #9aa7b4; --one: #d33; --grid: #d8dee4 }
@media (prefers-color-scheme: dark) { svg { --ground: #0d1117; --text: #e6edf3; --ours: #58a6ff; --other: #6e7a87; --one: #ff7b72; --grid: #30363d } }
.ground { fill: var(--ground) } text { fill: var(--text) } .ours { fill: var(--ours) } .other { fill: var(--other) }
.one { stroke: var(--one); stroke-dasharray: 3 } .spread { stroke: var(--text) } .grid { stroke: var(--grid) }
.break { stroke: var(--ground); stroke-width: 3; fill: none } .mark { fill: var(--one) }
.line { stroke: var(--ours); stroke-width: 2; fill: none }
</style>
`

// svg returns a chart with a title.
func svg(title string, height int, content string) string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">
%s<rect width="100%%" height="100%%" class="ground"/>
<text x="10" y="24" font-size="15" font-weight="bold">%s</text>
%s</svg>
`, chartWidth, height, style, html.EscapeString(title), content)
}

// drawPanel draws a panel whose top is y, and returns the top of the next one. A bar that is cut has a
// break before its end.
func drawPanel(b *strings.Builder, p panel, y int) int {
	longest := 1.0
	for _, one := range p.bars {
		longest = max(longest, min(one.median, cut))
	}
	scale := func(x float64) float64 { return min(x, longest) / longest * barsWidth }
	fmt.Fprintf(b, `<text x="10" y="%d" font-weight="bold">%s</text>`+"\n", y, html.EscapeString(p.title))
	top := y + 6
	for i, one := range p.bars {
		at, class := top+i*barHeight, "other"
		if one.ours {
			class = "ours"
		}
		fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="end">%s</text>`, left-6, at+12, html.EscapeString(one.name))
		fmt.Fprintf(b, `<rect x="%d" y="%d" width="%.1f" height="%d" class="%s"/>`, left, at+2, scale(one.median), barHeight-4, class)
		end := scale(one.median)
		if one.median > longest {
			for _, x := range []float64{left + barsWidth - 26, left + barsWidth - 20} {
				fmt.Fprintf(b, `<path class="break" d="M%.1f %d l6 -%d"/>`, x, at+barHeight-1, barHeight-2)
			}
		} else {
			fmt.Fprintf(b, `<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" class="spread"/>`, left+scale(one.least), left+scale(one.most), at+8, at+8)
			end = scale(max(one.median, one.most))
		}
		fmt.Fprintf(b, `<text x="%.1f" y="%d">%s</text>`+"\n", left+end+6, at+12, short(one.median))
	}
	bottom := top + len(p.bars)*barHeight
	fmt.Fprintf(b, `<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" class="one"/>`+"\n", left+scale(1), left+scale(1), top, bottom)
	return bottom + panelGap - 10
}

// panels returns the ratios of a section's workloads.
func (f *figures) panels(section string, delay int64) []panel {
	var all []panel
	for _, at := range f.in(section, delay) {
		if isMixed(at) {
			continue // a time for reads alone says nothing
		}
		p := panel{title: f.title(at) + where(at)}
		for _, name := range f.names(section) {
			if s, ok := f.ratio(at, name, at, limit(section), wall); ok && name != limit(section) {
				p.bars = append(p.bars, bar{name, s, isOurs(name)})
			}
		}
		all = append(all, p)
	}
	return all
}
