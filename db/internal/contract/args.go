package contract

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/duolite/duolite/db/dbtype"
)

// CheckNamedValue converts an argument to one of SQLite's five types: nil, int64, float64,
// string, []byte. Values that can't be stored exactly are refused before anything is sent.
// Errors don't contain the value; database/sql adds the argument's position.
func (c *conn) CheckNamedValue(arg *driver.NamedValue) (err error) {
	c.seen++
	switch arg.Value.(type) {
	case *Batch, *Ask:
		return nil
	}
	arg.Value, err = Storable(arg.Value)
	return err
}

// checkBound checks the values that came through a wrapper which doesn't forward
// CheckNamedValue. They are in the order of the parameters.
func checkBound(values []driver.Value) (err error) {
	for i, value := range values {
		if values[i], err = Storable(value); err != nil {
			return fmt.Errorf("the value of parameter %d: %w", i+1, err)
		}
	}
	return nil
}

// Storable returns the value that is stored for an argument: a string, int64, float64, []byte
// or nil. A value that can't be stored exactly is an error, which doesn't contain it. A value
// that already has one of these types is returned in its own interface, since a new interface
// would be an allocation.
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
	case *string: // sqlc uses pointers for nullable columns
		return storablePointer(v)
	case *int64:
		return storablePointer(v)
	case *float64:
		return storablePointer(v)
	}
	// Valuers, other pointers, and types derived from the types above.
	plain, err := driver.DefaultParameterConverter.ConvertValue(value)
	if err != nil {
		return nil, err
	}
	switch plain.(type) {
	case nil, int64, float64, bool, string, []byte, time.Time:
		return Storable(plain)
	default: // such as a decimal, which database/sql doesn't convert
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
		return nil, fmt.Errorf("the year %d is outside 0 to 9999, the range of SQLite's date functions", year)
	}
	return dbtype.FormatTime(t), nil
}

// bind appends the argument of each parameter to values. A parameter without an argument and
// an argument without a parameter are errors. (SQLite would use NULL for the former, and other
// drivers ignore the latter.)
//
// ?, ?1 and $1 take the argument by position. SQLite reads $1 as a name, but other databases
// read it as a position. Any other name takes the argument of [sql.Named] with that name.
// Without such an argument it takes a plain argument by SQLite's index of the parameter: the
// first name has index 1, and a repeated name has the index of its first use.
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

// ordinalOf returns the position of the argument for a parameter, or 0 if the parameter takes
// an argument by name.
func ordinalOf(param string, index int) (int, error) {
	if param == "" {
		return index, nil
	}
	if param[0] != '?' && param[0] != '$' {
		return 0, nil
	}
	if len(param) == 2 && '1' <= param[1] && param[1] <= '9' { // the common case, as sqlc writes parameters
		return int(param[1] - '0'), nil
	}
	ordinal, err := strconv.Atoi(param[1:])
	switch {
	case err == nil && ordinal > 0:
		return ordinal, nil
	case param[0] == '$':
		return 0, nil
	default:
		return 0, fmt.Errorf("the parameter %s has no positive number", param)
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

// checkUsed returns an error for an argument without a parameter.
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
	return slices.ContainsFunc(params, func(param string) bool { return len(param) > 1 && param[1:] == name })
}

func counts(params []string, args []driver.NamedValue) string {
	return fmt.Sprintf("the statement has %d parameters, the call %d arguments", len(params), len(args))
}
