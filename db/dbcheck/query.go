package dbcheck

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/internal/sqltext"
)

// A query is one query as its author wrote it.
type query struct {
	file  string
	line  int // of its name
	name  string
	cmd   string // ":many" and so on
	text  string // the statement, with its comments
	first int    // the line that text begins in
	ascii bool   // its file has nothing else
	parts []part
	allow []string // rules that it opts out of
}

// readQueries reads the queries of the *.sql files in the root of files, which sqlc
// takes in the same way.
func readQueries(files fs.FS) ([]*query, []Finding, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, nil, err
	}
	if len(names) == 0 {
		return nil, nil, fmt.Errorf("dbcheck: no *.sql file in the folder of queries; pass the folder that sqlc.yaml names as queries")
	}
	var queries []*query
	var findings []Finding
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, nil, err
		}
		q, f := cutFile(name, strings.TrimPrefix(string(text), byteOrderMark))
		queries = append(queries, q...)
		findings = append(findings, f...)
	}
	return queries, findings, nil
}

func cutFile(file, text string) (queries []*query, findings []Finding) {
	at, ascii := 0, strings.IndexFunc(text, outside) < 0
	for _, stmt := range sqltext.Split(text) {
		at += strings.Index(text[at:], stmt.Text)
		// sqlc sees no name behind white space.
		start := len(strings.TrimRight(text[:at], " \t"))
		q := &query{file: file, text: text[start : at+len(stmt.Text)], first: 1 + strings.Count(text[:at], "\n"), ascii: ascii}
		at += len(stmt.Text)
		findings = append(findings, q.readComments()...)
		if q.name == "" {
			if stmt.Kind != sqltext.Other { // such as CREATE, as the schema can be in the same folder
				findings = append(findings, q.nameless())
			}
			continue
		}
		q.parts = cutParts(q)
		queries = append(queries, q)
	}
	return queries, findings
}

// readComments reads the query's name, and the rules that it opts out of.
func (q *query) readComments() (findings []Finding) {
	for i, line := range strings.Split(q.text, "\n") {
		rest, ok := comment(line)
		if !ok {
			continue
		}
		words := strings.Fields(rest)
		if len(words) > 0 && words[0] == "dbcheck:allow" {
			findings = append(findings, q.readAllow(strings.TrimSpace(rest), q.first+i)...)
		}
		if len(words) != 3 || words[0] != "name:" {
			continue
		}
		if q.name != "" {
			findings = append(findings, q.finding(q.first+i, RuleSource, "a semicolon at the end of each query", "its statement runs on into that of %s: a semicolon is missing", words[1]))
			continue
		}
		q.name, q.cmd, q.line = words[1], words[2], q.first+i
	}
	return findings
}

// readAllow reads an opt-out, "dbcheck:allow RULE: reason".
func (q *query) readAllow(text string, line int) []Finding {
	rule, reason, _ := strings.Cut(strings.TrimPrefix(text, "dbcheck:allow "), ":")
	switch rule = strings.TrimSpace(rule); {
	case !slices.Contains(rules, rule):
		return []Finding{q.finding(line, RuleSource, "one of "+strings.Join(rules, ", "), "there is no rule %q to allow", rule)}
	case strings.TrimSpace(reason) == "":
		return []Finding{q.finding(line, RuleSource, "-- dbcheck:allow "+rule+": why that is right here", "an opt-out has to say why")}
	}
	q.allow = append(q.allow, rule)
	return nil
}

// nameless reports a statement that sqlc makes nothing of.
func (q *query) nameless() Finding {
	for i, line := range strings.Split(q.text, "\n") {
		if trimmed := strings.TrimLeft(line, " \t"); trimmed != line && strings.HasPrefix(trimmed, "-- name:") {
			return q.finding(q.first+i, RuleSource, trimmed, "sqlc makes no method of it, and says nothing, as white space is before its name")
		}
	}
	return q.finding(q.first, RuleSource, "-- name: Something :many", "sqlc makes no method of a statement without a name, and says nothing")
}

// comment returns what a line says that sqlc takes for a comment.
func comment(line string) (string, bool) {
	if rest, ok := strings.CutPrefix(line, "--"); ok {
		return rest, true
	}
	if rest, ok := strings.CutPrefix(line, "/*"); ok {
		return strings.TrimSuffix(strings.TrimSpace(rest), "*/"), true
	}
	return "", false
}

// lineAt returns the line of an offset in the query's text.
func (q *query) lineAt(offset int) int { return q.first + strings.Count(q.text[:offset], "\n") }

func (q *query) finding(line int, rule, instead, format string, args ...any) Finding {
	return Finding{File: q.file, Line: line, Query: q.name, Rule: rule, Message: fmt.Sprintf(format, args...), Instead: instead}
}
