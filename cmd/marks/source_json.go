package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/duolite/duolite/db/dbtype"
)

// jsonSource returns a source for a file that is one JSON array of objects.
func jsonSource(data []byte, now dbtype.Time) source {
	decoder := json.NewDecoder(bytes.NewReader(data))
	started := false
	return func() (record, error) {
		if !started {
			if opening, err := decoder.Token(); err != nil || opening != json.Delim('[') {
				return record{}, jsonSyntax(data, decoder, err)
			}
			started = true
		}
		if !decoder.More() {
			return record{}, endOfArray(data, decoder)
		}
		var object json.RawMessage
		if err := decoder.Decode(&object); err != nil {
			return record{}, jsonSyntax(data, decoder, err)
		}
		return parseObject(object, lineAt(data, int(decoder.InputOffset())-len(object)), now)
	}
}

// endOfArray returns io.EOF if the array is closed and nothing follows it.
func endOfArray(data []byte, decoder *json.Decoder) error {
	if _, err := decoder.Token(); err != nil {
		return jsonSyntax(data, decoder, err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return badInput("line %d: something follows the array of bookmarks", lineAt(data, int(decoder.InputOffset())))
	}
	return io.EOF
}

func jsonSyntax(data []byte, decoder *json.Decoder, err error) error {
	line := lineAt(data, int(decoder.InputOffset()))
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return badInput("line %d: the file is cut short: its JSON isn't closed", lineAt(data, len(data)))
	case errors.As(err, &syntax):
		return badInput("line %d: not valid JSON: %v", lineAt(data, syntaxOffset(data, decoder, syntax)), syntax)
	default:
		return badInput("line %d: want an array of bookmarks, as export writes it", line)
	}
}

// syntaxOffset returns the offset of a syntax error in data. The offset in the error doesn't
// count the bytes between the elements of an array, so the element is parsed again.
func syntaxOffset(data []byte, decoder *json.Decoder, syntax *json.SyntaxError) int {
	start := int(decoder.InputOffset())
	var again *json.SyntaxError
	var element json.RawMessage
	if errors.As(json.Unmarshal(data[start:], &element), &again) && again.Error() == syntax.Error() {
		return start + int(again.Offset)
	}
	return start
}

// ndjsonSource returns a source for a file with one JSON object on each line. A line that
// isn't JSON means that the file is cut short or has another format, so the error is final.
func ndjsonSource(data []byte, now dbtype.Time) source {
	line := 0
	return func() (record, error) {
		for len(data) > 0 {
			var object []byte
			object, data, _ = bytes.Cut(data, []byte("\n"))
			line++
			if object = bytes.TrimSpace(object); len(object) == 0 {
				continue
			}
			if !json.Valid(object) {
				return record{}, badInput("line %d: not valid JSON; the file is cut short, or no NDJSON", line)
			}
			return parseObject(object, line, now)
		}
		return record{}, io.EOF
	}
}

// parseObject parses a bookmark in the form that export writes. An unknown field is an
// error, since its value would be lost.
func parseObject(object []byte, line int, now dbtype.Time) (record, error) {
	r := record{line: line}
	decoder := json.NewDecoder(bytes.NewReader(object))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r.bookmark); err != nil {
		return record{}, &recordError{line: line, problem: objectProblem(err)}
	}
	r.ID = 0
	if r.CreatedAt.IsZero() {
		r.CreatedAt = now
	}
	if r.UpdatedAt.IsZero() {
		r.UpdatedAt = r.CreatedAt
	}
	for i := range r.Attachments {
		f := &r.Attachments[i]
		if f.CreatedAt.IsZero() {
			f.CreatedAt = now
		}
		// The output of show omits the data. Importing it would save an empty attachment.
		if f.Size != 0 && f.Size != int64(len(f.Data)) {
			return record{}, &recordError{line: line, problem: fmt.Sprintf("the attachment %.60q has size %d and %d bytes of data", f.Name, f.Size, len(f.Data))}
		}
	}
	return r, nil
}

// objectProblem returns the text of a decoding error without the names of Go packages and
// types.
func objectProblem(err error) string {
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong) && wrong.Field == "":
		return fmt.Sprintf("a bookmark is a JSON object, not a JSON %.60s", wrong.Value)
	case errors.As(err, &wrong):
		return fmt.Sprintf("%s can't be a JSON %.60s", wrong.Field, wrong.Value)
	default:
		problem := strings.TrimPrefix(err.Error(), "json: ")
		return fmt.Sprintf("%.200s", strings.TrimPrefix(problem, "dbtype: "))
	}
}
