// Package custom has types that sqlc.yaml puts in the place of its own.
package custom

import (
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
)

// A Profile refuses what isn't one.
type Profile struct {
	Theme string `json:"theme"`
}

func (p *Profile) Scan(src any) error {
	text, ok := src.(string)
	if !ok {
		return fmt.Errorf("a %T is no profile", src)
	}
	if err := json.Unmarshal([]byte(text), p); err != nil {
		return err
	}
	if p.Theme == "" {
		return errors.New("a profile has a theme")
	}
	return nil
}

func (p Profile) Value() (driver.Value, error) {
	text, err := json.Marshal(p)
	return string(text), err
}

// A UserID is smaller than what the column can hold.
type UserID int32

// A Code is of a kind that nobody outside can know.
type Code string

func (c *Code) Scan(src any) error {
	text, ok := src.(string)
	if !ok || len(text) != 26 {
		return fmt.Errorf("%v is no code", src)
	}
	*c = Code(text)
	return nil
}

// An Owner is a UUID, and refuses other texts.
type Owner struct{ text string }

func (o *Owner) Scan(src any) error {
	text, ok := src.(string)
	if !ok || len(text) != 36 || text[8] != '-' {
		return fmt.Errorf("%v is no UUID", src)
	}
	o.text = text
	return nil
}

func (o Owner) Value() (driver.Value, error) { return o.text, nil }
