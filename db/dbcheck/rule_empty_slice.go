package dbcheck

import "github.com/duolite/duolite/db/dbcheck/internal/source"

// emptySlices reports slices behind a NOT. sqlc makes a slice without values NULL, so that
// x IN () is NULL and not false: no row passes it or its opposite.
func emptySlices(s *subject) (findings []Finding) {
	if s.length > 0 || s.binding == nil || len(s.found) > 0 {
		return nil
	}
	for i, place := range s.query.Parts {
		if place.Kind == source.SlicePart && source.IsNegated(s.query.Parts, i) {
			findings = append(findings, s.at(place, "NOT "+jsonEach(place.Name),
				"without values %s is NULL, and NOT IN (NULL) is true for no row instead of for each", place.Text))
		}
	}
	return findings
}
