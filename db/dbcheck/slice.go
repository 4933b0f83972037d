package dbcheck

import "github.com/duolite/duolite/db/dbcheck/internal/source"

// emptySlices reports slices behind a NOT. sqlc makes NULL of one without values, so that
// x IN () is NULL and not false: no row passes that or its opposite.
func emptySlices(p *proof) []Finding {
	for i, place := range p.query.Parts {
		if place.Kind == source.SlicePart && source.IsNegated(p.query.Parts, i) {
			p.add(place, RuleEmptySlice, "NOT "+jsonEach(place.Name),
				"without values %s is NULL, and NOT IN (NULL) is true for no row instead of for each", place.Text)
		}
	}
	return p.found
}
