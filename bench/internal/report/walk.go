package report

import (
	_ "embed"
	"fmt"
	"html"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/duolite/duolite/bench/internal/suite"
)

//go:embed replicas.md.tmpl
var walkPage string

var walkTemplate = template.Must(template.New("replicas.md").Parse(walkPage))

// DrawWalk writes replicas.md and its chart to the folder docs. file is the path of the walk, for the
// page's text.
func DrawWalk(w *suite.Walk, file, docs string) error {
	charts := filepath.Join(docs, "replicas")
	if err := os.MkdirAll(charts, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(charts, "walk.svg"), []byte(walkChart(w)), 0o644); err != nil {
		return err
	}
	var b strings.Builder
	if err := walkTemplate.Execute(&b, walkFigures(w, file)); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(docs, "replicas.md"), []byte(b.String()), 0o644)
}

func walkFigures(w *suite.Walk, file string) map[string]any {
	cut, back := momentAt(w, "the network is cut"), momentAt(w, "the network is back")
	online := stepsBetween(w, 0, cut-0.1)
	offline := stepsBetween(w, cut+0.1, back)
	return map[string]any{
		"File": "../bench/" + file, "Date": w.Started.UTC().Format(time.DateOnly),
		"Machine":    fmt.Sprintf("%s, %d cores, %s, %s", w.Machine.CPU, w.Machine.Cores, w.Machine.System, w.Machine.Go),
		"Lag":        seconds(largest(online, func(s suite.Step) float64 { return s.Lag })),
		"Stale":      total(online, func(s suite.Step) int { return s.Stale }),
		"Online":     total(online, func(s suite.Step) int { return s.Reads }),
		"Read":       seconds(middle(online, func(s suite.Step) float64 { return s.Read })),
		"Offline":    seconds(middle(offline, func(s suite.Step) float64 { return s.Read })),
		"Reads":      total(offline, func(s suite.Step) int { return s.Reads }),
		"Failed":     total(w.Steps, func(s suite.Step) int { return s.Errors }),
		"Behind":     seconds(largest(offline, func(s suite.Step) float64 { return s.Lag })),
		"Write":      seconds(w.WriteFailed),
		"WriteError": w.WriteError,
		"Missed":     w.Missed,
		"CaughtUp":   seconds(w.CaughtUp),
		"OwnWrite":   seconds(w.OwnWrite),
	}
}

func seconds(s float64) string { return duration(s * 1e9) }

// momentAt returns the time of a moment, or 0.
func momentAt(w *suite.Walk, text string) float64 {
	for _, m := range w.Moments {
		if m.Text == text {
			return m.At
		}
	}
	return 0
}

func stepsBetween(w *suite.Walk, from, to float64) (found []suite.Step) {
	for _, s := range w.Steps {
		if s.At >= from && s.At < to {
			found = append(found, s)
		}
	}
	return found
}

func middle(steps []suite.Step, value func(suite.Step) float64) float64 {
	values := make([]float64, len(steps))
	for i, s := range steps {
		values[i] = value(s)
	}
	s, _ := spreadOf(values)
	return s.median
}

func largest(steps []suite.Step, value func(suite.Step) float64) (most float64) {
	for _, s := range steps {
		most = max(most, value(s))
	}
	return most
}

func total(steps []suite.Step, value func(suite.Step) int) (sum int) {
	for _, s := range steps {
		sum += value(s)
	}
	return sum
}

const (
	walkLeft, walkWidth   = 70, 660
	walkHeight, walkGap   = 150, 50
	walkTop               = 112 // below the title and the moments
	walkBottom, walkTitle = 40, 24
)

// A scale shows seconds as powers of ten.
type scale struct{ least, most float64 }

// y returns the height of a value, from 0 to 1.
func (s scale) y(value float64) float64 {
	value = min(max(value, s.least), s.most)
	return math.Log(value/s.least) / math.Log(s.most/s.least)
}

// A line is a series of a walk's chart.
type line struct {
	color string
	value func(suite.Step) float64
}

// walkChart draws the lag and the reads over time, and marks the moments.
func walkChart(w *suite.Walk) string {
	end := 1.0
	for _, s := range w.Steps {
		end = max(end, s.At)
	}
	x := func(at float64) float64 { return walkLeft + at/end*walkWidth }
	var b strings.Builder
	second := walkTop + walkHeight + walkGap
	drawSeries(&b, w, walkTop, "The age of the oldest transaction of another program that a read didn't see", scale{1e-4, 10}, x,
		[]line{{"var(--ours)", func(s suite.Step) float64 { return s.Lag }}})
	drawSeries(&b, w, second, "The time of a read: the median of 50 ms, and the slowest (gray)", scale{1e-6, 0.1}, x,
		[]line{{"var(--other)", func(s suite.Step) float64 { return s.Slowest }}, {"var(--ours)", func(s suite.Step) float64 { return s.Read }}})
	bottom := second + walkHeight
	for i, m := range w.Moments {
		y := walkTop - 26 - 14*(len(w.Moments)-1-i)
		fmt.Fprintf(&b, `<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" class="one"/>`, x(m.At), x(m.At), y-8, bottom)
		from, anchor := x(m.At)+4, "start"
		if m.At > 0.8*end {
			from, anchor = x(m.At)-4, "end"
		}
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="%s" class="mark">%s</text>`+"\n", from, y, anchor, html.EscapeString(m.Text))
	}
	for at := 0; float64(at) <= end; at++ {
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">%d s</text>`+"\n", x(float64(at)), bottom+18, at)
	}
	return svg("A replica while its network is cut and comes back", bottom+walkBottom, b.String())
}

// drawSeries draws a panel with lines of powers of ten, whose top is y.
func drawSeries(b *strings.Builder, w *suite.Walk, y int, title string, s scale, x func(float64) float64, lines []line) {
	at := func(value float64) float64 { return float64(y) + (1-s.y(value))*walkHeight }
	fmt.Fprintf(b, `<text x="%d" y="%d" font-weight="bold">%s</text>`+"\n", walkLeft, y-8, html.EscapeString(title))
	for value := s.least; value < s.most*1.5; value *= 10 {
		fmt.Fprintf(b, `<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" class="grid"/>`, walkLeft, walkLeft+walkWidth, at(value), at(value))
		fmt.Fprintf(b, `<text x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n", walkLeft-6, at(value)+4, tenth(value))
	}
	for _, l := range lines {
		points := make([]string, len(w.Steps))
		for i, step := range w.Steps {
			points[i] = fmt.Sprintf("%.1f,%.1f", x(step.At), at(l.value(step)))
		}
		fmt.Fprintf(b, `<polyline fill="none" stroke="%s" points="%s"/>`+"\n", l.color, strings.Join(slices.Compact(points), " "))
	}
}

// tenth formats a power of ten of seconds.
func tenth(s float64) string {
	switch {
	case s >= 0.9:
		return fmt.Sprintf("%.0f s", s)
	case s >= 0.9e-3:
		return fmt.Sprintf("%.0f ms", s*1e3)
	case s >= 0.9e-4:
		return fmt.Sprintf("%.1f ms", s*1e3)
	default:
		return fmt.Sprintf("%.0f µs", s*1e6)
	}
}
