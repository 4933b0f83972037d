// Package output prints rows: as a table that fits the terminal for people, and as
// JSON, NDJSON or CSV for programs.
package output

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A Format is a form in which rows are printed.
type Format string

const (
	// Table is for people. Cells are shortened to fit the terminal.
	Table Format = "table"
	// JSON is one array of objects.
	JSON Format = "json"
	// NDJSON is one object on each line.
	NDJSON Format = "ndjson"
	// CSV is RFC 4180 with a header line.
	CSV Format = "csv"
)

// Formats are all formats, the default first.
var Formats = []Format{Table, JSON, NDJSON, CSV}

// String implements pflag.Value.
func (f *Format) String() string { return string(*f) }

// Type implements pflag.Value.
func (f *Format) Type() string { return "FORMAT" }

// Set implements pflag.Value.
func (f *Format) Set(s string) error {
	if !slices.Contains(Formats, Format(s)) {
		return fmt.Errorf("want table, json, ndjson or csv")
	}
	*f = Format(s)
	return nil
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
func Rows[T any](w io.Writer, format Format, screen Screen, columns []Column[T], rows []T) error {
	switch format {
	case JSON:
		return writeJSON(w, rows)
	case NDJSON:
		return writeNDJSON(w, rows)
	case CSV:
		return writeCSV(w, columns, rows)
	default:
		return writeTable(w, screen, columns, rows)
	}
}

func writeJSON[T any](w io.Writer, rows []T) error {
	if rows == nil {
		rows = []T{} // encode as [], not as null
	}
	encoder := newEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(rows)
}

func writeNDJSON[T any](w io.Writer, rows []T) error {
	encoder := newEncoder(w)
	for _, row := range rows {
		if err := encoder.Encode(row); err != nil {
			return err
		}
	}
	return nil
}

// newEncoder returns an encoder that doesn't escape & < >, since the output isn't HTML.
func newEncoder(w io.Writer) *json.Encoder {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder
}

func writeCSV[T any](w io.Writer, columns []Column[T], rows []T) error {
	writer := csv.NewWriter(w)
	record := make([]string, len(columns))
	for i, column := range columns {
		record[i] = column.Name
	}
	if err := writer.Write(record); err != nil {
		return err
	}
	for _, row := range rows {
		for i, column := range columns {
			record[i] = WithoutMarks(column.Text(row))
		}
		if err := writer.Write(record); err != nil {
			return err
		}
	}
	writer.Flush()
	return writer.Error()
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
