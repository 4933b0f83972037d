package contract

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/duolite/duolite/db/dbtype"
)

// CheckNamedValue turns an argument into one of the five types that SQLite has: nil,
// int64, float64, string, []byte. What can't be stored as it is, is refused here, before
// anything is sent; no error shows the value. database/sql says which argument it was.
func (c *conn) CheckNamedValue(arg *driver.NamedValue) error {
	c.seen++
	if _, ok := arg.Value.(*Batch); ok {
		return nil
	}
	return checkNamedValue(arg)
}

func checkNamedValue(arg *driver.NamedValue) (err error) {
	arg.Value, err = Storable(arg.Value)
	return err
}

// checkBound does the same for values that came by a wrapper which doesn't forward
// CheckNamedValue. They are in the order of the parameters.
func checkBound(values []driver.Value) (err error) {
	for i, value := range values {
		if values[i], err = Storable(value); err != nil {
			return fmt.Errorf("the value of parameter %d: %w", i+1, err)
		}
	}
	return nil
}

// Storable returns what is stored of a value that is an argument: a string, an int64, a
// float64, a []byte or nil. What can't be stored as it is, is an error, which doesn't show
// it. A value that is one of these already is returned as the interface that it came in,
// since another one would be an allocation.
func Storable(value any) (driver.Value, error) {
	switch v := value.(type) {
	case nil, int64:
		return value, nil
	case int:
		return int64(v), nil
	case string:
		if err := checkText(v); err != nil {
			return nil, err
		}
		return value, nil
	case []byte:
		if v == nil {
			return nil, nil
		}
		return value, nil
	case float64:
		if err := checkNumber(v); err != nil {
			return nil, err
		}
		return value, nil
	case bool:
		if v {
			return int64(1), nil
		}
		return int64(0), nil
	case time.Time:
		return timeText(v)
	case *string: // as sqlc has columns that may be NULL
		return storablePointer(v)
	case *int64:
		return storablePointer(v)
	case *float64:
		return storablePointer(v)
	}
	// Valuers, pointers, and types made of the ones above.
	plain, err := driver.DefaultParameterConverter.ConvertValue(value)
	if err != nil {
		return nil, err
	}
	switch plain.(type) {
	case nil, int64, float64, bool, string, []byte, time.Time:
		return Storable(plain)
	default: // a decimal, which database/sql lets through as it is
		return nil, fmt.Errorf("a value of the type %T can't be stored; pass its text", value)
	}
}

func storablePointer[T any](p *T) (driver.Value, error) {
	if p == nil {
		return nil, nil
	}
	return Storable(*p)
}

func checkText(s string) error {
	if !utf8.ValidString(s) {
		return errors.New("the string isn't UTF-8; store bytes as []byte")
	}
	return nil
}

func checkNumber(f float64) error {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return errors.New("NaN and infinities can't be stored")
	}
	return nil
}

func timeText(t time.Time) (driver.Value, error) {
	if year := t.UTC().Year(); year < 0 || year > 9999 {
		return nil, fmt.Errorf("the year %d is outside 0 to 9999, which SQLite's date functions know", year)
	}
	return dbtype.FormatTime(t), nil
}

// bind appends the argument of each parameter to values. A parameter without an
// argument and an argument without a parameter are errors: SQLite takes the one for
// NULL, and other drivers ignore the other.
//
// A plain ? and a number take the argument in their place; so does $1, which SQLite
// itself holds for a name, but no other database does. Every other name takes the argument
// of [sql.Named] with it. Without one it takes a plain argument in its place, which is the
// parameter's index in SQLite: the first name is 1, and a name that occurs again has the
// index that it has.
func bind(values []driver.Value, params []string, args []driver.NamedValue) ([]driver.Value, error) {
	named, numbered := 0, 0
	for i, param := range params {
		ordinal, err := ordinalOf(param, i+1)
		if err != nil {
			return nil, err
		}
		if ordinal == 0 {
			value, found := byName(param[1:], args)
			if found {
				named++
				values = append(values, value)
				continue
			}
			if i >= len(args) || args[i].Name != "" {
				return nil, fmt.Errorf("no argument for the parameter %s; want sql.Named(%q, …), or plain arguments in the order of the names", param, param[1:])
			}
			ordinal = i + 1
		}
		if ordinal > len(args) || args[ordinal-1].Name != "" {
			return nil, fmt.Errorf("no argument for the parameter ?%d; %s", ordinal, counts(params, args))
		}
		numbered = max(numbered, ordinal)
		values = append(values, args[ordinal-1].Value)
	}
	if named == 0 && numbered == len(args) {
		return values, nil
	}
	return values, checkUsed(params, args, numbered)
}

// ordinalOf returns the place of the argument that a parameter takes, or 0 if it takes
// one by name.
func ordinalOf(param string, index int) (int, error) {
	if param == "" {
		return index, nil
	}
	if param[0] != '?' && param[0] != '$' {
		return 0, nil
	}
	if len(param) == 2 && '1' <= param[1] && param[1] <= '9' { // the usual ones, as sqlc writes them
		return int(param[1] - '0'), nil
	}
	ordinal, err := strconv.Atoi(param[1:])
	switch {
	case err == nil && ordinal > 0:
		return ordinal, nil
	case param[0] == '$':
		return 0, nil
	default:
		return 0, fmt.Errorf("the parameter %s has no number from 1", param)
	}
}

func byName(name string, args []driver.NamedValue) (driver.Value, bool) {
	for _, arg := range args {
		if arg.Name == name {
			return arg.Value, true
		}
	}
	return nil, false
}

// checkUsed looks for arguments that no parameter takes.
func checkUsed(params []string, args []driver.NamedValue, numbered int) error {
	seen := make(map[string]bool)
	for i, arg := range args {
		switch {
		case arg.Name == "" && i >= numbered:
			return fmt.Errorf("argument %d has no parameter; %s", i+1, counts(params, args))
		case arg.Name == "":
		case seen[arg.Name]:
			return fmt.Errorf("there are two arguments named %q", arg.Name)
		case !takes(params, arg.Name):
			return fmt.Errorf("the argument named %q has no parameter", arg.Name)
		}
		seen[arg.Name] = true
	}
	return nil
}

func takes(params []string, name string) bool {
	for _, param := range params {
		if len(param) > 1 && param[1:] == name {
			return true
		}
	}
	return false
}

func counts(params []string, args []driver.NamedValue) string {
	return fmt.Sprintf("the statement has %d parameters, the call %d arguments", len(params), len(args))
}
