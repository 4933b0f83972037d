package dbcheck

import (
	"fmt"
	"reflect"

	"github.com/duolite/duolite/db/dbcheck/internal/trial"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// changedValue reports a value that the method changes.
func changedValue(s *subject, o trial.Observation) []Finding {
	if o.Kind != trial.OtherValue {
		return nil
	}
	return s.finding(changedInstead(o.Value), "column %s can be %s, which comes back as %s in %s (seen with %s)",
		s.seen.Columns[o.Column], value.Show(o.Value), showField(o.Got), value.Article(s.seen.Fields[o.Column].Type), o.State)
}

func changedInstead(v any) string {
	if _, ok := v.(int64); ok {
		return "CAST(... AS INTEGER), with coalesce(..., 0) inside where it can be NULL"
	}
	return "CAST(... AS the type that it has)"
}

func showField(v reflect.Value) string {
	out, _ := value.DriverValue(v.Interface())
	if f, ok := out.(float64); ok && f == float64(int64(f)) {
		return fmt.Sprintf("%.0f", f)
	}
	return value.Show(out)
}
