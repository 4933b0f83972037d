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
	for i, place := range s.query.Parts {
		if place.Kind == source.SlicePart && source.TellsNULL(s.query.Parts, i) && !source.IsGuarded(s.query.Parts, i) {
			findings = append(findings, s.at(place, opposite(s.query.Parts, i)+jsonEach(place.Name),
				"without values %s is NULL, so that IN is NULL and not false, and its opposite is true for no row instead of for each", place.Text))
		}
	}
	return findings
}

// opposite returns the NOT before the IN of the slice at i, if the query has it there.
func opposite(parts []source.Part, i int) string {
	if strings.EqualFold(parts[i-3].Text, "not") {
		return "NOT "
	}
	return ""
}
