package dbcheck

import (
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
)

// emptySlices reports slices where NULL and false differ, such as behind a NOT. sqlc makes a slice
// without values NULL, so that x IN () is NULL and not false: no row passes it or its opposite.
func emptySlices(s *subject) (findings []Finding) {
	if s.length > 0 || s.binding == nil || len(s.found) > 0 {
		return nil
	}
	parts := s.query.Parts
	for i, place := range parts {
		if place.Kind == source.SlicePart && source.TellsNULL(parts, i) && !source.IsGuarded(parts, i) {
			findings = append(findings, s.at(place, opposite(parts, i)+jsonEach(place.Name),
				"sqlc sends an empty %s as NULL, so that IN is NULL instead of false, and its opposite is true for no row instead of for every row", place.Text))
		}
	}
	return findings
}

// emptyResults reports a method with another result for an empty slice than for an empty list, where the
// text doesn't show it.
func emptyResults(s *subject) []Finding {
	parts := s.query.Parts
	first := -1
	for i, place := range parts {
		if place.Kind != source.SlicePart {
			continue
		}
		if source.IsGuarded(parts, i) || s.query.OptsOut(string(RuleEmptySlice)) {
			return nil
		}
		if first < 0 {
			first = i
		}
	}
	if first < 0 || s.binding == nil || s.serverOnly {
		return nil
	}
	state, ok := s.databases.EmptyMatters(s.binding)
	if !ok {
		return nil
	}
	return []Finding{s.at(parts[first], jsonEach(parts[first].Name),
		"sqlc sends an empty %s as NULL, so that IN is NULL instead of false, and the query returns another result (seen with %s)", parts[first].Text, state)}
}

// opposite returns the NOT before the IN of the slice at i, if the query has it there.
func opposite(parts []source.Part, i int) string {
	if strings.EqualFold(parts[i-3].Text, "not") {
		return "NOT "
	}
	return ""
}
