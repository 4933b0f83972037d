package dbcheck

import "github.com/duolite/duolite/db/dbcheck/internal/trial"

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
