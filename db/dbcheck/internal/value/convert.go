package value

import (
	"database/sql/driver"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/duolite/duolite/db/dbtype"
)

// DriverValue returns the value that database/sql gives a driver for v.
func DriverValue(v any) (any, bool) {
	out, err := driver.DefaultParameterConverter.ConvertValue(v)
	return out, err == nil
}

// Show returns a driver's value as SQL has it.
func Show(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		return "'" + Clip(strings.Join(strings.Fields(v), " ")) + "'"
	case []byte:
		return fmt.Sprintf("x'%x'", Clip(string(v)))
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1e15 {
			return fmt.Sprintf("%.1f", v)
		}
	case time.Time:
		return "'" + dbtype.FormatTime(v) + "'"
	}
	return fmt.Sprint(v)
}

// Clip cuts a long text for a message.
func Clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "..."
	}
	return s
}

// TextOf returns a value as the text that SQLite stores.
func TextOf(v any) string {
	out, _ := DriverValue(v)
	switch out := out.(type) {
	case []byte:
		return string(out)
	case string:
		return out
	case time.Time:
		return dbtype.FormatTime(out)
	}
	return Show(out)
}
