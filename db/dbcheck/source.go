package dbcheck

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// Source reads the queries of a folder alone, before sqlc does, and returns what sqlc
// 1.31 stops at without a good word, or makes code of that doesn't compile: there [Check]
// comes too late. It also has what is sure to go wrong whatever sqlc.yaml says.
func Source(queries fs.FS) ([]Finding, error) {
	folder, err := source.ReadFolder(queries)
	if err != nil {
		return nil, err
	}
	findings := sourceFindings(folder)
	for _, q := range folder.Queries {
		findings = append(findings, allowed(q, slices.Concat(
			strippedLines(q), lostPlaces(q), minusSigns(q), goNames(q), skipped(q), homes(q, func(string, value.Class) bool { return false }),
		))...)
	}
	findings = append(findings, outsideASCII(folder)...)
	sortFindings(findings)
	return findings, nil
}

// allowed returns the findings that the query doesn't opt out of.
func allowed(q *source.Query, findings []Finding) []Finding {
	return slices.DeleteFunc(findings, func(f Finding) bool { return q.OptsOut(f.Rule) })
}

// sourceFindings reports the statements and comments of a folder that sqlc or the gate
// wouldn't read as meant.
func sourceFindings(f *source.Folder) (findings []Finding) {
	for _, q := range slices.Concat(f.Queries, f.Nameless, f.Schema) {
		for _, a := range q.Allows {
			switch {
			case !slices.Contains(rules, a.Rule):
				findings = append(findings, findingAt(q, a.Line, RuleSource, "one of "+strings.Join(rules, ", "), "there is no rule %q to allow", a.Rule))
			case a.Reason == "":
				findings = append(findings, findingAt(q, a.Line, RuleSource, "-- dbcheck:allow "+a.Rule+": why that is right here", "an opt-out has to say why"))
			}
		}
		for _, other := range q.More {
			findings = append(findings, findingAt(q, other.Line, RuleSource, "a semicolon at the end of each query",
				"its statement runs on into that of %s: a semicolon is missing", other.Name))
		}
	}
	for _, q := range f.Nameless {
		findings = append(findings, nameless(q))
	}
	return findings
}

// nameless reports a statement that sqlc makes no method of.
func nameless(q *source.Query) Finding {
	for i, line := range strings.Split(q.Text, "\n") {
		if trimmed := strings.TrimLeft(line, " \t"); trimmed != line && strings.HasPrefix(trimmed, "-- name:") {
			return findingAt(q, q.First+i, RuleSource, trimmed, "sqlc makes no method of it, and says nothing, as white space is before its name")
		}
	}
	return findingAt(q, q.First, RuleSource, "-- name: Something :many", "sqlc makes no method of a statement without a name, and says nothing")
}

// outsideASCII reports characters outside ASCII. sqlc counts their bytes as one, and cuts as
// many off the end of the query: LIMIT 100 becomes LIMIT 1.
func outsideASCII(f *source.Folder) (findings []Finding) {
	for _, file := range f.Files {
		if file.Marked {
			findings = append(findings, Finding{File: file.Name, Line: 1, Rule: RuleSource,
				Message: "it begins with a byte order mark, at which sqlc stops", Instead: "the file as UTF-8 without BOM"})
		}
		n := 0
		for line := range strings.Lines(file.Text) {
			n++
			if strings.IndexFunc(line, source.Outside) >= 0 {
				findings = append(findings, Finding{File: file.Name, Line: n, Rule: RuleSource,
					Message: "a character outside ASCII, also in a comment, makes sqlc cut off the end of a query", Instead: "char(...), or a parameter"})
			}
		}
	}
	return findings
}

// strippedLines reports lines that sqlc takes for comments and leaves out, although
// there is more in them.
func strippedLines(q *source.Query) (findings []Finding) {
	at := 0
	for line := range strings.Lines(q.Text) {
		start := at
		at += len(line)
		line = strings.TrimRight(line, "\r\n")
		if !source.IsStripped(line) || !q.HasTokens(start, start+len(line)) {
			continue
		}
		instead := "comments on lines of their own"
		if !strings.HasPrefix(line, "/*") {
			instead = "the text as a parameter, or with char(10) for its line breaks"
		}
		findings = append(findings, findingAt(q, q.LineAt(start), RuleText, instead,
			"sqlc takes the line for a comment and leaves it out: %s", value.Clip(line)))
	}
	return findings
}

// lostPlaces reports parameters with a name in a place where sqlc leaves them in the
// text. A plain ? in such a place gets an argument if sqlc.yaml has a database, so that
// only Check can tell.
func lostPlaces(q *source.Query) (findings []Finding) {
	found := source.Clauses(q.Parts)
	for i, p := range q.Parts {
		if !p.IsPlace() || p.Name == "" {
			continue
		}
		switch c := found[i]; c {
		case source.OtherClause, source.UnaryMinus, source.NotClause:
		default:
			findings = append(findings, findingAt(q, q.LineAt(p.Offset), RuleDropped, c.InsteadFor(p), "%s is lost%s: sqlc leaves it in the text as it is", p.Text, c))
		}
	}
	return findings
}

// minusSigns reports what makes sqlc panic.
func minusSigns(q *source.Query) (findings []Finding) {
	found := source.Clauses(q.Parts)
	for i, p := range q.Parts {
		if p.IsPlace() && found[i] == source.UnaryMinus {
			findings = append(findings, findingAt(q, q.LineAt(p.Offset), RuleSource, "0 - "+p.Text+", or -1 - "+p.Text+" for ~"+p.Text,
				"sqlc panics at a minus sign, or a ~, before %s", p.Text))
		}
	}
	return findings
}

// skipped reports a statement that sqlc makes nothing of.
func skipped(q *source.Query) []Finding {
	if !q.IsSkipped() {
		return nil
	}
	return []Finding{findingAt(q, q.Line, RuleSource, `it in Go, such as pool.ExecContext(ctx, "PRAGMA optimize")`,
		"sqlc makes no method of such a statement, and says nothing")}
}
