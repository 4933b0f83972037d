package output

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

const (
	gap       = 2 // spaces between columns
	narrowest = 8 // minimum width of a shortened column
)

func writeTable[T any](w io.Writer, screen Screen, columns []Column[T], rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	cells := make([][]string, len(rows))
	widths := make([]int, len(columns))
	for i, column := range columns {
		widths[i] = text.StringWidthWithoutEscSequences(column.Name)
	}
	for r, row := range rows {
		cells[r] = make([]string, len(columns))
		for i, column := range columns {
			cells[r][i] = screen.cell(column.Text(row))
			widths[i] = max(widths[i], text.StringWidthWithoutEscSequences(cells[r][i]))
		}
	}
	return render(w, screen, columns, fit(screen, columns, widths), cells)
}

// fit returns the widths of the columns. If they exceed the width of the screen, it narrows
// the widest column with Shrink by one, until they fit or all are at the minimum.
func fit[T any](screen Screen, columns []Column[T], widths []int) []int {
	if screen.Width == 0 {
		return widths
	}
	excess := gap*(len(columns)-1) - screen.Width
	for _, width := range widths {
		excess += width
	}
	for ; excess > 0; excess-- {
		widest := -1
		for i, column := range columns {
			if column.Shrink && widths[i] > narrowest && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
	}
	return widths
}

func render[T any](w io.Writer, screen Screen, columns []Column[T], widths []int, cells [][]string) error {
	t := table.NewWriter()
	t.SetStyle(style())
	configs := make([]table.ColumnConfig, len(columns))
	header := make(table.Row, len(columns))
	for i, column := range columns {
		configs[i] = table.ColumnConfig{Number: i + 1, WidthMax: widths[i], WidthMaxEnforcer: snip}
		if column.Right {
			configs[i].Align, configs[i].AlignHeader = text.AlignRight, text.AlignRight
		}
		header[i] = screen.heading(column.Name)
	}
	t.SetColumnConfigs(configs)
	t.AppendHeader(header)
	for _, line := range cells {
		row := make(table.Row, len(line))
		for i, cell := range line {
			row[i] = cell
		}
		t.AppendRow(row)
	}
	t.SuppressTrailingSpaces()
	_, err := fmt.Fprintln(w, t.Render())
	return err
}

// style returns a table style without lines. It doesn't colour the headings, because a
// colour would continue in the spaces after the last heading, beyond the screen.
func style() table.Style {
	s := table.StyleDefault
	s.Options = table.OptionsNoBordersAndSeparators
	s.Box = table.BoxStyle{PaddingRight: strings.Repeat(" ", gap)}
	s.Format.Header = text.FormatDefault
	return s
}

// heading returns the name of a column in upper case, and faint if the screen has colour.
func (s Screen) heading(name string) string {
	name = strings.ToUpper(name)
	if s.Color && name != "" {
		return "\x1b[2m" + name + "\x1b[0m"
	}
	return name
}

func snip(cell string, width int) string {
	return text.Snip(cell, width, "…")
}

// A Field is a named value of a record.
type Field struct {
	Name, Text string
}

// Record prints each field on a line of its own. It omits empty fields.
func Record(w io.Writer, screen Screen, fields []Field) error {
	width := 0
	for _, field := range fields {
		width = max(width, len(field.Name))
	}
	for _, field := range fields {
		if field.Text == "" {
			continue
		}
		name := field.Name
		for line := range strings.SplitSeq(strings.TrimRight(field.Text, "\n"), "\n") {
			line = fmt.Sprintf("%-*s%s", width+gap, name, screen.cell(line))
			name = "" // for the further lines of the field
			if _, err := fmt.Fprintln(w, strings.TrimRight(line, " ")); err != nil {
				return err
			}
		}
	}
	return nil
}

// Line returns text on one line, for a message on a terminal. Control characters are
// replaced.
func Line(text string) string {
	return Screen{}.cell(text)
}

// cell returns text as a cell of a table: on one line, with matches highlighted, and with
// control characters replaced.
func (s Screen) cell(text string) string {
	var b strings.Builder
	marked := false // inside a match
	for _, r := range text {
		switch {
		case string(r) == MatchStart && !marked:
			marked = true
			b.WriteString(s.choose("\x1b[1m", "["))
		case string(r) == MatchEnd && marked:
			marked = false
			b.WriteString(s.choose("\x1b[0m", "]"))
		case unicode.IsSpace(r):
			b.WriteRune(' ')
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			b.WriteRune('\uFFFD')
		default:
			b.WriteRune(r)
		}
	}
	if marked { // the text itself has an unclosed MatchStart
		b.WriteString(s.choose("\x1b[0m", "]"))
	}
	return b.String()
}

func (s Screen) choose(colored, plain string) string {
	if s.Color {
		return colored
	}
	return plain
}

// The left eighths of a character cell. They give a bar a resolution of an eighth of a cell.
var eighths = []string{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"}

// Bar draws value as a bar. The bar of most is width characters long. A value above 0 always
// gets a visible bar.
func Bar(value, most int64, width int) string {
	if value <= 0 || most <= 0 {
		return ""
	}
	n := max(1, int(float64(value)/float64(most)*float64(width)*8+0.5))
	return strings.Repeat("█", n/8) + eighths[n%8]
}
