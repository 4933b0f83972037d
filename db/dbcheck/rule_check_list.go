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
	if source.At(parts, i+1).Is("collate", "|", "-", "+", "*", "/", "%") {
		return "" // it isn't the whole operand
	}
	j := source.BeforeOperator(parts, i)
	if j < 0 {
		return source.ListedColumn(parts, i)
	}
	name, row := source.ComparedWith(parts, i)
	if row || !slices.Contains([]string{"=", "==", "<>", "!="}, source.Join(parts[j+1:i])) {
		return ""
	}
	return name
}

// isAlias reports whether a result column, or a column of a subquery, has the name.
func isAlias(parts []source.Part, name string) bool {
	for i := 1; i < len(parts); i++ {
		if parts[i].Names(name) && parts[i-1].Is("as", ")") {
			return true
		}
	}
	return false
}
