package dbcheck

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/internal/sqltext"
)

// Source reads the queries of a folder alone, before sqlc does, and returns what sqlc
// 1.31 stops at without a good word, or makes code of that doesn't compile: there [Check]
// comes too late. It also has what is sure to go wrong whatever sqlc.yaml says.
func Source(queries fs.FS) ([]Finding, error) {
	read, findings, err := readQueries(queries)
	if err != nil {
		return nil, err
	}
	for _, q := range read {
		findings = append(findings, q.allowed(slices.Concat(
			q.strippedLines(), q.lostPlaces(), q.minusSigns(), q.goNames(), q.skipped(), q.homes(func(string, class) bool { return false }),
		))...)
	}
	ascii, err := outsideASCII(queries)
	findings = append(findings, ascii...)
	sortFindings(findings)
	return findings, err
}

// allowed returns the findings that the query doesn't opt out of.
func (q *query) allowed(findings []Finding) []Finding {
	return slices.DeleteFunc(findings, func(f Finding) bool { return slices.Contains(q.allow, f.Rule) })
}

// outsideASCII reports bytes of which sqlc counts several as one. It then cuts as many
// off the end of the query that they are in, or in front of: LIMIT 100 becomes LIMIT 1.
func outsideASCII(files fs.FS) (findings []Finding, err error) {
	names, err := fs.Glob(files, "*.sql")
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		n := 0
		body, marked := strings.CutPrefix(string(text), byteOrderMark)
		if marked {
			findings = append(findings, Finding{File: name, Line: 1, Rule: RuleSource,
				Message: "it begins with a byte order mark, at which sqlc stops", Instead: "the file as UTF-8 without BOM"})
		}
		for line := range strings.Lines(body) {
			n++
			if strings.IndexFunc(line, outside) >= 0 {
				findings = append(findings, Finding{File: name, Line: n, Rule: RuleSource,
					Message: "a character outside ASCII, also in a comment, makes sqlc cut off the end of a query", Instead: "char(...), or a parameter"})
			}
		}
	}
	return findings, err
}

// byteOrderMark is what some editors put in front of a text, unseen.
const byteOrderMark = "\ufeff"

// outside reports whether a character is outside ASCII.
func outside(r rune) bool { return r > '~' }

// strippedLines reports lines that sqlc takes for comments and leaves out, although
// there is more in them.
func (q *query) strippedLines() (findings []Finding) {
	at := 0
	for line := range strings.Lines(q.text) {
		start := at
		at += len(line)
		line = strings.TrimRight(line, "\r\n")
		if !isStripped(line) || !q.hasTokens(start, start+len(line)) {
			continue
		}
		instead := "comments on lines of their own"
		if !strings.HasPrefix(line, "/*") {
			instead = "the text as a parameter, or with char(10) for its line breaks"
		}
		findings = append(findings, q.finding(q.lineAt(start), RuleText, instead,
			"sqlc takes the line for a comment and leaves it out: %s", clip(line)))
	}
	return findings
}

func isStripped(line string) bool {
	return strings.HasPrefix(line, "--") || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "/*") && strings.HasSuffix(line, "*/")
}

// hasTokens reports whether a part of the text has anything but comments and white space.
func (q *query) hasTokens(from, to int) bool {
	for t := range sqltext.Tokens(q.text) {
		if t.Kind != sqltext.Space && t.Kind != sqltext.Comment && t.Offset < to && t.Offset+len(t.Text) > from {
			return true
		}
	}
	return false
}

// lostPlaces reports parameters with a name in a place where sqlc leaves them in the
// text. A plain ? in such a place gets an argument if sqlc.yaml has a database, so that
// only Check can tell.
func (q *query) lostPlaces() (findings []Finding) {
	found := clauses(q.parts)
	for i, p := range q.parts {
		if !p.isPlace() || p.name == "" {
			continue
		}
		switch c := found[i]; c {
		case otherClause, unaryMinus, notClause:
		default:
			findings = append(findings, q.finding(q.lineAt(p.offset), RuleDropped, c.insteadFor(p), "%s is lost%s: sqlc leaves it in the text as it is", p.text, c))
		}
	}
	return findings
}

// minusSigns reports what makes sqlc panic.
func (q *query) minusSigns() (findings []Finding) {
	found := clauses(q.parts)
	for i, p := range q.parts {
		if p.isPlace() && found[i] == unaryMinus {
			findings = append(findings, q.finding(q.lineAt(p.offset), RuleSource, "0 - "+p.text+", or -1 - "+p.text+" for ~"+p.text,
				"sqlc panics at a minus sign, or a ~, before %s", p.text))
		}
	}
	return findings
}

// skipped reports a statement that sqlc makes nothing of.
func (q *query) skipped() []Finding {
	if !isSkipped(q) {
		return nil
	}
	return []Finding{q.finding(q.line, RuleSource, `it in Go, such as pool.ExecContext(ctx, "PRAGMA optimize")`,
		"sqlc makes no method of such a statement, and says nothing")}
}

// isSkipped reports whether sqlc leaves out a query without a word.
func isSkipped(q *query) bool {
	switch sqltext.Split(q.text)[0].Kind {
	case sqltext.Read, sqltext.Insert, sqltext.Change:
		return false
	}
	switch words := strings.ToLower(q.parts[0].text + " " + q.parts[min(1, len(q.parts)-1)].text); {
	case strings.HasPrefix(words, "attach"), strings.HasPrefix(words, "detach"), strings.HasPrefix(words, "drop"), strings.HasPrefix(words, "alter"):
		return false
	case strings.HasPrefix(words, "create"):
		return words != "create table" && words != "create view" && words != "create trigger" && words != "create virtual"
	}
	return true
}
