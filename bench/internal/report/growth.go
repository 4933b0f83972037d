package report

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strings"

	"github.com/duolite/duolite/bench/internal/suite"
)

const (
	growthLeft, growthTop          = 60, 60
	growthWidth, growthPanelHeight = 640, 110
	growthGap                      = 56
)

// growthChart draws, for each workload, the time at each size as a multiple of the time at the least
// size, as a line. Both axes are logarithmic, so a time in proportion to the size is a diagonal.
func (f *figures) growthChart() string {
	var b strings.Builder
	y := growthTop
	for _, workload := range f.growthWorkloads() {
		f.drawGrowth(&b, workload, y)
		y += growthPanelHeight + growthGap
	}
	return svg("Growth: time, as multiples of the time at the least size", y-growthGap+30, b.String())
}

func (f *figures) growthWorkloads() (all []string) {
	for _, at := range f.in("growth", 0) {
		if !slices.Contains(all, at.workload) {
			all = append(all, at.workload)
		}
	}
	return all
}

// drawGrowth draws the panel of a workload, from 0.5 to 100 times.
func (f *figures) drawGrowth(b *strings.Builder, workload string, top int) {
	sizes := f.sizes("growth")
	first := place{"growth", workload, sizes[0], 0}
	const least, most = 0.5, 100
	down := func(times float64) float64 {
		part := math.Log(min(max(times, least), most)/least) / math.Log(most/least)
		return float64(top) + (1-part)*growthPanelHeight
	}
	along := func(size int) float64 {
		span := math.Log(float64(sizes[len(sizes)-1]) / float64(sizes[0]))
		if span == 0 {
			return growthLeft
		}
		return growthLeft + math.Log(float64(size)/float64(sizes[0]))/span*growthWidth
	}
	fmt.Fprintf(b, `<text x="%d" y="%d" font-weight="bold">%s</text>`+"\n", growthLeft, top-8, html.EscapeString(f.title(first)))
	for _, times := range []float64{1, 10, 100} {
		fmt.Fprintf(b, `<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>`, growthLeft, growthLeft+growthWidth, down(times), down(times))
		fmt.Fprintf(b, `<text x="%d" y="%.1f" text-anchor="end">× %v</text>`+"\n", growthLeft-6, down(times)+4, times)
	}
	var points []string
	for _, size := range sizes {
		s, ok := f.ratio(place{"growth", workload, size, 0}, suite.Ours, first, suite.Ours, wall)
		if !ok {
			continue
		}
		x, y := along(size), down(s.median)
		points = append(points, fmt.Sprintf("%.1f,%.1f", x, y))
		fmt.Fprintf(b, `<circle class="ours" cx="%.1f" cy="%.1f" r="3"/><text x="%.1f" y="%.1f" text-anchor="middle">%s</text>`, x, y, x, y-8, short(s.median))
		fmt.Fprintf(b, `<text x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", x, top+growthPanelHeight+16, count(size))
	}
	fmt.Fprintf(b, `<polyline class="line" points="%s"/>`+"\n", strings.Join(points, " "))
}
