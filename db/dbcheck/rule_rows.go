package dbcheck

import (
	"github.com/duolite/duolite/db/dbcheck/internal/trial"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// otherColumns reports columns that come back in other fields than their own.
func otherColumns(s *subject, o trial.Observation) []Finding {
	fields, columns := s.seen.Fields, s.seen.Columns
	switch o.Kind {
	case trial.ColumnCount:
		return s.finding("SELECT with each column by its name", "the statement has %d columns, and the method reads %d", o.Count, len(fields))
	case trial.OtherField:
		return s.finding("", "column %s comes back in %s, and not in %s", columns[o.Column], fields[o.Other].Name, fields[o.Column].Name)
	case trial.MisnamedColumn:
		return s.finding("", "column %s comes back in %s, although there is a %s", columns[o.Column], fields[o.Column].Name, fields[o.Other].Name)
	}
	return nil
}

// nullResult reports a NULL that the method can't read.
func nullResult(s *subject, o trial.Observation) []Finding {
	switch o.Kind {
	case trial.NullTable:
		return s.finding("its columns by their names instead of sqlc.embed",
			"an outer join can make all columns of %s NULL, which it has no room for (seen with %s)", o.Table, o.State)
	case trial.NullColumn:
		return s.finding(nullInstead(s, o.Column), "column %s can be NULL, which %s can't hold (seen with %s)",
			s.seen.Columns[o.Column], value.Article(s.seen.Fields[o.Column].Type), o.State)
	}
	return nil
}

// unscanned reports a value that the method can't read.
func unscanned(s *subject, o trial.Observation) []Finding {
	switch o.Kind {
	case trial.UnreadableValue:
		f, column := s.seen.Fields[o.Column], s.seen.Columns[o.Column]
		return s.finding(scanInstead(s, f, column, o.Value), "column %s can be %s, which %s can't hold (seen with %s)",
			column, value.Show(o.Value), value.Article(f.Type), o.State)
	case trial.UnreadableRows:
		return s.finding("", "its rows can't be read: %v (seen with %s)", o.Err, o.State)
	}
	return nil
}

// changedValue reports a value that the method changes.
func changedValue(s *subject, o trial.Observation) []Finding {
	if o.Kind != trial.OtherValue {
		return nil
	}
	return s.finding(changedInstead(o.Value), "column %s can be %s, which comes back as %s in %s (seen with %s)",
		s.seen.Columns[o.Column], value.Show(o.Value), showField(o.Got), value.Article(s.seen.Fields[o.Column].Type), o.State)
}
