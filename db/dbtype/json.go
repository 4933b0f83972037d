package dbtype

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/duolite/duolite/db/internal/storedjson"
)

// JSON is a JSON value as text. It is stored as TEXT, byte for byte, so that SQLite's JSON
// functions and operators accept it. A nil JSON is NULL; JSON's null is JSON("null"). See [Of]
// for decoded values.
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

// Scan implements [sql.Scanner]. It accepts JSON as TEXT, and JSON text as a BLOB, as which a
// json.RawMessage is stored.
//
// All other values are errors, so that a scanned JSON is always valid. JSONB and JSON5 aren't
// accepted, since other programs can't read them: convert them by json(column) in SQL. INTEGER
// and REAL aren't accepted either: CAST(… AS json) converts an object to the number 0, and a
// column declared json stores a JSON number as a SQLite number, with its precision. Use a type
// with "text" in its name in the cast or declaration.
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

// MarshalText implements [encoding.TextMarshaler]. It returns the JSON itself, or null for a
// nil JSON. It fails for text that isn't valid JSON.
func (j JSON) MarshalText() ([]byte, error) {
	if j == nil {
		return []byte("null"), nil
	}
	return bytes.Clone(j), j.check()
}

// UnmarshalText implements [encoding.TextUnmarshaler]. It accepts valid JSON.
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
	if !utf8.Valid(j) || !storedjson.Valid(j) {
		return notJSON(j)
	}
	return nil
}

func notJSON(text []byte) error {
	return fmt.Errorf("not valid JSON (%d bytes); in SQL, json(column) converts JSONB and JSON5 to JSON", len(text))
}

// scannedJSON returns a copy of a scanned value if it can be JSON.
func scannedJSON(src any) ([]byte, error) {
	switch src := src.(type) {
	case string:
		return []byte(src), nil
	case []byte:
		// These BLOBs are valid as JSONB and as JSON, with different values: the JSONB of the
		// number 123 reads as 3123. https://sqlite.org/jsonb.html
		if len(src) == 4 && '3' <= src[0] && src[0] <= '9' {
			return nil, fmt.Errorf("a BLOB that may be JSON or JSONB, with different values; read json(column)")
		}
		return bytes.Clone(src), nil
	case int64, float64:
		return nil, fmt.Errorf("the number %v isn't read as JSON, since CAST(… AS json) converts any text to a number; "+
			"cast to, or declare, a type with text in its name", src)
	default:
		return nil, fmt.Errorf("can't read JSON from %T", src)
	}
}
