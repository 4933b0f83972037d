package dbcheck

import (
	"fmt"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/trial"
)

// The subjects of a check are all queries and methods, and the databases to try them in.
type subjects struct {
	tap       *call.Tap
	queries   []*source.Query
	methods   map[string][]*call.Method // by the names of queries
	databases *trial.Databases
	// refused has the server's errors about the statements of methods, nil for those that it
	// compiles.
	refused map[string]error
	// bindings are the methods whose arguments are proven.
	bindings []*call.Binding
	// dynamics are the dynamic methods, after they were tried.
	dynamics []*trial.Dynamic
}

// queryNamed returns the query of a name, or nil.
func (s *subjects) queryNamed(name string) *source.Query {
	for _, q := range s.queries {
		if q.Name == name {
			return q
		}
	}
	return nil
}

// A subject is a method of a query, with everything that is known about it so far.
type subject struct {
	*subjects
	query  *source.Query
	method *call.Method
	// length is the number of values of its slices. flow and binding map the arguments for that
	// length; they are nil if err is set.
	length  int
	flow    *call.Flow
	binding *call.Binding
	err     error
	// found are the findings of earlier rules about the same arguments.
	found []Finding
	// seen are the rows that it returned.
	seen *trial.Seen
	// serverOnly: only the server compiles the statement.
	serverOnly bool
}

// at returns a finding about a place of the query.
func (s *subject) at(place source.Part, instead, format string, args ...any) Finding {
	return s.atLine(s.query.LineAt(place.Offset), instead, format, args...)
}

// atLine returns a finding about a line. It names the method if that isn't the query's own.
func (s *subject) atLine(line int, instead, format string, args ...any) Finding {
	message := fmt.Sprintf(format, args...)
	if !s.isOwn() {
		message = "in " + s.method.Name + ", " + message
	}
	return findingAt(s.query, line, instead, "%s", message)
}

// isOwn reports whether the method is the query's own, and no iterator. duolite gen exports methods for the
// check.
func (s *subject) isOwn() bool { return strings.EqualFold(s.method.Name, s.query.Name) }

// tables returns the tables that the query names, or all if it names only views.
func (s *subject) tables() []*trial.Table {
	var named []*trial.Table
	for _, t := range s.databases.Tables {
		if s.query.Contains(t.Name) {
			named = append(named, t)
		}
	}
	if len(named) == 0 {
		return s.databases.Tables
	}
	return named
}

// finding returns a finding about the query as a whole, alone.
func (s *subject) finding(instead, format string, args ...any) []Finding {
	return []Finding{s.atLine(s.query.Line, instead, format, args...)}
}
