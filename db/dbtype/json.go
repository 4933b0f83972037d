package dbtype

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/duolite/duolite/db/internal/jsonv1"
)

// JSON is a JSON value as text, stored as TEXT, byte for byte, so that SQLite's JSON
// functions and operators read it. A nil JSON is NULL; JSON's own null is JSON("null").
// For a value that is decoded see [Of].
type JSON json.RawMessage

// Value implements [driver.Valuer]. It fails for text that isn't valid JSON.
func (j JSON) Value() (driver.Value, error) {
	if j == nil {
		return nil, nil
	}
	if err := j.check(); err != nil {
		return nil, err
	}
	return string(j), nil
}

// Scan implements [sql.Scanner]. It reads JSON as TEXT, and as a BLOB of the same text,
// which is what a json.RawMessage is stored as.
//
// Everything else is an error, so that a JSON that was read is valid. JSONB and JSON5
// are none to other programs: in SQL, json(column) makes JSON of them. An INTEGER or REAL
// isn't read either: CAST(… AS json) makes the number 0 of an object, and a column
// declared json stores a JSON number as one of SQLite's, with its precision. Cast to, or
// declare, a type with text in its name.
func (j *JSON) Scan(src any) error {
	if src == nil {
		*j = nil
		return nil
	}
	text, err := scannedJSON(src)
	if err != nil {
		return err
	}
	if err := JSON(text).check(); err != nil {
		return err
	}
	*j = text
	return nil
}

// MarshalText implements [encoding.TextMarshaler]. It is the JSON itself, and null for
// a nil JSON. It fails for text that isn't valid JSON.
func (j JSON) MarshalText() ([]byte, error) {
	if j == nil {
		return []byte("null"), nil
	}
	return bytes.Clone(j), j.check()
}

// UnmarshalText implements [encoding.TextUnmarshaler] for valid JSON.
func (j *JSON) UnmarshalText(text []byte) error {
	if err := JSON(text).check(); err != nil {
		return err
	}
	*j = bytes.Clone(text)
	return nil
}

// MarshalJSON implements [json.Marshaler].
func (j JSON) MarshalJSON() ([]byte, error) {
	return json.RawMessage(j).MarshalJSON()
}

// UnmarshalJSON implements [json.Unmarshaler].
func (j *JSON) UnmarshalJSON(data []byte) error {
	return (*json.RawMessage)(j).UnmarshalJSON(data)
}

// String returns the text.
func (j JSON) String() string {
	return string(j)
}

func (j JSON) check() error {
	if !utf8.Valid(j) || !jsonv1.Valid(j) {
		return notJSON(j)
	}
	return nil
}

func notJSON(text []byte) error {
	return fmt.Errorf("not valid JSON (%d bytes); in SQL, json(column) makes JSON of JSONB and JSON5", len(text))
}

// scannedJSON returns a copy of what a driver has read, if it can be JSON.
func scannedJSON(src any) ([]byte, error) {
	switch src := src.(type) {
	case string:
		return []byte(src), nil
	case []byte:
		// The one JSONB that is JSON as well, with another value: the number 123 is 3123.
		// https://sqlite.org/jsonb.html
		if len(src) == 4 && '3' <= src[0] && src[0] <= '9' {
			return nil, fmt.Errorf("a BLOB that may be JSON or JSONB, with different values; read json(column)")
		}
		return bytes.Clone(src), nil
	case int64, float64:
		return nil, fmt.Errorf("the number %v isn't read as JSON, since CAST(… AS json) makes one of any text; "+
			"cast to, or declare, a type with text in its name", src)
	default:
		return nil, fmt.Errorf("can't read JSON from %T", src)
	}
}
