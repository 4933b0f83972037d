package dbcheck

import (
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

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
		findings = append(findings, findingAt(q, q.LineAt(start), instead,
			"sqlc takes the line for a comment and removes it: %s", value.Clip(line)))
	}
	return findings
}

// otherText reports that the method sends another text than the source has.
func otherText(s *subject) []Finding {
	if s.binding == nil || s.binding.Complete {
		return nil
	}
	if stripped := strippedLines(s.query); len(stripped) > 0 {
		return stripped
	}
	at, want, got := s.binding.Differ()
	if got == "" {
		got = "nothing more"
	}
	age, instead := ", and may be older or newer", ""
	if !s.query.ASCII {
		age, instead = "", "the query in ASCII, with char(...) or a parameter for other characters: sqlc 1.31 counts characters where the text has bytes"
	}
	return []Finding{s.at(at, instead, "the generated code sends another text%s: where the source has %s, it has %s", age, want, got)}
}
