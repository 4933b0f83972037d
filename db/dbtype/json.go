package dbtype

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

// JSON is a JSON value as text, stored as TEXT so that SQLite's JSON functions and
// operators read it. A nil JSON is NULL.
type JSON json.RawMessage

// Value implements [driver.Valuer]. It fails for text that isn't valid JSON.
func (j JSON) Value() (driver.Value, error) {
	if j == nil {
		return nil, nil
	}
	if !json.Valid(j) {
		return nil, fmt.Errorf("dbtype: not valid JSON (%d bytes)", len(j))
	}
	return string(j), nil
}

// Scan implements [sql.Scanner].
func (j *JSON) Scan(src any) error {
	switch src := src.(type) {
	case nil:
		*j = nil
	case string:
		*j = JSON(src)
	case []byte:
		// A copy: the driver may use its buffer again.
		*j = append(JSON{}, src...)
	default:
		return fmt.Errorf("dbtype: can't read JSON from %T", src)
	}
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
