package output

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/text"
)

const (
	gap       = 2 // spaces between columns
	narrowest = 8 // minimum width of a shortened column
)

func writeTable[T any](p Printer, columns []Column[T], rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	lines := make([][]string, 1+len(rows))
	widths := make([]int, len(columns))
	for i, column := range columns {
		lines[0] = append(lines[0], p.heading(column.Name))
		for r, row := range rows {
			lines[1+r] = append(lines[1+r], p.cell(column.Text(row)))
		}
		for _, line := range lines {
			widths[i] = max(widths[i], text.StringWidthWithoutEscSequences(line[i]))
		}
	}
	fit(p.Width, columns, widths)
	var table strings.Builder
	for _, line := range lines {
		for i, column := range columns {
			align := text.AlignLeft
			if column.Right {
				align = text.AlignRight
			}
			line[i] = align.Apply(text.Snip(line[i], widths[i], "…"), widths[i])
		}
		fmt.Fprintln(&table, strings.TrimRight(strings.Join(line, strings.Repeat(" ", gap)), " "))
	}
	_, err := io.WriteString(p, table.String())
	return err
}

// fit reduces the widths of the columns to a total width. It narrows the widest column with
// Shrink by one, until they fit or all are at the minimum.
func fit[T any](total int, columns []Column[T], widths []int) {
	excess := gap*(len(columns)-1) - total
	for _, width := range widths {
		excess += width
	}
	for ; total > 0 && excess > 0; excess-- {
		widest := -1
		for i, column := range columns {
			if column.Shrink && widths[i] > narrowest && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return
		}
		widths[widest]--
	}
}

// heading returns the name of a column in upper case, and faint if colour is allowed.
func (p Printer) heading(name string) string {
	name = strings.ToUpper(name)
	if p.Color && name != "" {
		return "\x1b[2m" + name + "\x1b[0m"
	}
	return name
}

func writeRecord(p Printer, fields []Field) error {
	width := gap
	for _, field := range fields {
		width = max(width, len(field.Name)+gap)
	}
	var record strings.Builder
	for _, field := range fields {
		if field.Text == "" {
			continue
		}
		name := field.Name
		for line := range strings.SplitSeq(strings.TrimRight(field.Text, "\n"), "\n") {
			line = fmt.Sprintf("%-*s%s", width, name, p.cell(line))
			fmt.Fprintln(&record, strings.TrimRight(line, " "))
			name = "" // for the further lines of the field
		}
	}
	_, err := io.WriteString(p, record.String())
	return err
}

// The characters that enclose a match of a search.
const (
	MatchStart = "\x02"
	MatchEnd   = "\x03"
)

var markRemover = strings.NewReplacer(MatchStart, "", MatchEnd, "")

// WithoutMarks returns s without the characters that mark matches.
func WithoutMarks(s string) string {
	return markRemover.Replace(s)
}

// Line returns text on one line, for a message on a terminal. Control characters are
// replaced.
func Line(text string) string {
	return Printer{}.cell(text)
}

// cell returns text as a cell of a table: on one line, with matches highlighted, and with
// control characters replaced.
func (p Printer) cell(text string) string {
	start, end := "[", "]"
	if p.Color {
		start, end = "\x1b[1m", "\x1b[0m"
	}
	var b strings.Builder
	marked := false // inside a match
	for _, r := range text {
		switch {
		case string(r) == MatchStart && !marked:
			marked = true
			b.WriteString(start)
		case string(r) == MatchEnd && marked:
			marked = false
			b.WriteString(end)
		case unicode.IsSpace(r):
			b.WriteRune(' ')
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			b.WriteRune('\uFFFD')
		default:
			b.WriteRune(r)
		}
	}
	if marked { // the text itself has an unclosed MatchStart
		b.WriteString(end)
	}
	return b.String()
}
