// Package output prints rows: as a table that fits the terminal for people, and as
// JSON, NDJSON or CSV for programs.
package output

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"strconv"

	"golang.org/x/term"
)

// The formats in which rows are printed.
const (
	// Table is for people. Cells are shortened to fit the terminal.
	Table = "table"
	// JSON is one array of objects.
	JSON = "json"
	// NDJSON is one object on each line.
	NDJSON = "ndjson"
	// CSV is RFC 4180 with a header line.
	CSV = "csv"
)

// Formats are all formats, the default first.
var Formats = []string{Table, JSON, NDJSON, CSV}

// A Printer prints rows to a writer.
type Printer struct {
	io.Writer
	// Format is one of the constants above.
	Format string
	// Width is the maximum number of characters in a line of a table. 0 means no limit.
	Width int
	// Color allows escape sequences in a table.
	Color bool
}

// New returns a Printer that knows the capabilities of w. COLUMNS sets the width, even if w
// isn't a terminal. NO_COLOR (https://no-color.org) and TERM=dumb disable colour.
func New(w io.Writer, format string) Printer {
	p := Printer{Writer: w, Format: format}
	if IsTerminal(w) {
		p.Width = 80
		if width, _, err := term.GetSize(int(w.(*os.File).Fd())); err == nil && width > 0 {
			p.Width = width
		}
		p.Color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	}
	if width, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && width > 0 {
		p.Width = width
	}
	return p
}

// IsTerminal reports whether w writes to a terminal.
func IsTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// A Column is a column of a table or CSV file.
type Column[T any] struct {
	// Name is the heading.
	Name string
	// Text returns the cell of a row.
	Text func(T) string
	// Right aligns the cells right, for numbers.
	Right bool
	// Shrink allows shortening the cells if the terminal is too narrow.
	Shrink bool
}

// Rows prints rows. JSON and NDJSON have the fields of T, and other formats have the
// columns. A table without rows is empty and has no headings.
func Rows[T any](p Printer, columns []Column[T], rows []T) error {
	switch p.Format {
	case JSON:
		encoder := NewEncoder(p)
		encoder.SetIndent("", "  ")
		return encoder.Encode(append([]T{}, rows...)) // without rows [], not null
	case NDJSON:
		encoder := NewEncoder(p)
		for _, row := range rows {
			if err := encoder.Encode(row); err != nil {
				return err
			}
		}
		return nil
	case CSV:
		return writeCSV(p, columns, rows)
	default:
		return writeTable(p, columns, rows)
	}
}

// NewEncoder returns an encoder that doesn't escape & < >, since the output isn't HTML.
func NewEncoder(w io.Writer) *json.Encoder {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder
}

func writeCSV[T any](w io.Writer, columns []Column[T], rows []T) error {
	records := make([][]string, 1+len(rows))
	for _, column := range columns {
		records[0] = append(records[0], column.Name)
		for i, row := range rows {
			records[1+i] = append(records[1+i], WithoutMarks(column.Text(row)))
		}
	}
	return csv.NewWriter(w).WriteAll(records)
}

// A Field is a named value of a record.
type Field struct {
	Name string `json:"name"`
	Text string `json:"value"`
}

// Record prints a record: as a table, its fields, each on a line of its own and without empty
// ones, and otherwise value. It doesn't print CSV.
func Record[T any](p Printer, value T, fields []Field) error {
	if p.Format == Table {
		return writeRecord(p, fields)
	}
	return Rows(p, nil, []T{value})
}
