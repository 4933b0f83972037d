package dbcheck

import (
	"path/filepath"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
)

// staleQuery reports a query for which the generated code should have a method, and has none.
func staleQuery(q *source.Query) []Finding {
	if q.IsSkipped() || len(unexported(q)) > 0 {
		return nil
	}
	return findingOf(q, "", "the generated code has no method for it: generate the code again")
}

// staleMethods reports methods whose query is gone.
func staleMethods(c *checker) (findings []Finding, err error) {
	for name, methods := range c.Methods {
		if c.queryNamed(name) == nil {
			file, line := methods[0].Position()
			findings = append(findings, Finding{File: filepath.Base(file), Line: line, Query: name,
				Message: "the generated code has this method, but no query has this name: generate the code again, into an empty folder"})
		}
	}
	return findings, nil
}
