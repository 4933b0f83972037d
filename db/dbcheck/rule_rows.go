package dbcheck

import "github.com/duolite/duolite/db/dbcheck/internal/value"

// otherColumns reports columns that come back in other fields than their own.
func otherColumns(s *subject, o observation) []Finding {
	fields, columns := s.seen.fields, s.seen.columns
	switch o.kind {
	case columnCount:
		return s.finding("SELECT with each column by its name", "the statement has %d columns, and the method reads %d", o.count, len(fields))
	case otherField:
		return s.finding("", "column %s comes back in %s, and not in %s", columns[o.column], fields[o.other].Name, fields[o.column].Name)
	case misnamedColumn:
		return s.finding("", "column %s comes back in %s, although there is a %s", columns[o.column], fields[o.column].Name, fields[o.other].Name)
	}
	return nil
}

// nullResult reports a NULL that the method can't read.
func nullResult(s *subject, o observation) []Finding {
	switch o.kind {
	case nullTable:
		return s.finding("its columns by their names instead of sqlc.embed",
			"an outer join can make all columns of %s NULL, which it has no room for (seen with %s)", o.table, o.state)
	case nullColumn:
		return s.finding(nullInstead(s, o.column), "column %s can be NULL, which %s can't hold (seen with %s)",
			s.seen.columns[o.column], value.Article(s.seen.fields[o.column].Type), o.state)
	}
	return nil
}

// unscanned reports a value that the method can't read.
func unscanned(s *subject, o observation) []Finding {
	switch o.kind {
	case unreadableValue:
		f, column := s.seen.fields[o.column], s.seen.columns[o.column]
		return s.finding(scanInstead(s, f, column, o.value), "column %s can be %s, which %s can't hold (seen with %s)",
			column, value.Show(o.value), value.Article(f.Type), o.state)
	case unreadableRows:
		return s.finding("", "its rows can't be read: %v (seen with %s)", o.err, o.state)
	}
	return nil
}

// changedValue reports a value that the method changes.
func changedValue(s *subject, o observation) []Finding {
	if o.kind != otherValue {
		return nil
	}
	return s.finding(changedInstead(o.value), "column %s can be %s, which comes back as %s in %s (seen with %s)",
		s.seen.columns[o.column], value.Show(o.value), showField(o.got), value.Article(s.seen.fields[o.column].Type), o.state)
}
