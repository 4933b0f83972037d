package dbcheck

import (
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
)

// unlistedTexts reports texts that are compared with a column, or stored in it, and that the column's CHECK
// doesn't allow.
func unlistedTexts(s *subject) (findings []Finding) {
	parts := s.query.Parts
	for i, p := range parts {
		if p.Kind != source.TokenPart || !strings.HasPrefix(p.Text, "'") {
			continue
		}
		column := listedColumn(parts, i)
		if column == "" || isAlias(parts, column) {
			continue
		}
		texts, ok := s.databases.ListOf(s.query, column)
		text := source.ValuesOf(p.Text)[0].(string)
		if !ok || slices.Contains(texts, text) {
			continue
		}
		findings = append(findings, s.at(p, "one of '"+strings.Join(texts, "', '")+"'", "%s can't be in %s, whose CHECK doesn't have it", p.Text, column))
	}
	return findings
}

// listedColumn returns the column that the text at i is compared with by =, <> or IN, or "".
func listedColumn(parts []source.Part, i int) string {
	if j := source.BeforeOperator(parts, i); j >= 0 {
		switch source.Join(parts[j+1 : i]) {
		case "=", "==", "<>", "!=":
			name, row := source.ComparedWith(parts, i)
			if row || !endsAt(parts, i) {
				return ""
			}
			return name
		}
		return ""
	}
	// column [NOT] IN ('a', 'b')
	open := i - 1
	for open > 0 && (parts[open].Text == "," || strings.HasPrefix(parts[open].Text, "'")) {
		open--
	}
	if open < 2 || parts[open].Text != "(" || !strings.EqualFold(parts[open-1].Text, "in") || !endsAt(parts, i) {
		return ""
	}
	j := source.SkipNot(parts, open-2)
	if j > 0 && (source.IsArithmetic(parts, j-1) || strings.ContainsAny(parts[j-1].Text, "|&>~")) {
		return ""
	}
	return source.ColumnName(parts, j)
}

// endsAt reports whether the text at i is a whole operand.
func endsAt(parts []source.Part, i int) bool {
	if i+1 == len(parts) {
		return true
	}
	switch next := strings.ToLower(parts[i+1].Text); next {
	case "collate", "|", "-", "+", "*", "/", "%":
		return false
	}
	return true
}

// isAlias reports whether a result column, or a column of a subquery, has the name.
func isAlias(parts []source.Part, name string) bool {
	for i := 1; i < len(parts); i++ {
		if strings.EqualFold(source.Unquote(parts[i].Text), name) && (strings.EqualFold(parts[i-1].Text, "as") || parts[i-1].Text == ")") {
			return true
		}
	}
	return false
}
