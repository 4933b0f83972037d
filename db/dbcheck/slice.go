package dbcheck

import "strings"

// emptySlices reports slices behind a NOT. sqlc makes NULL of one without values, so that
// x IN () is NULL and not false: no row passes that or its opposite.
func emptySlices(p *proof) []Finding {
	for i, place := range p.query.parts {
		if place.kind == slicePart && isNegated(p.query.parts, i) {
			p.add(place, RuleEmptySlice, "NOT "+jsonEach(place.name),
				"without values %s is NULL, and NOT IN (NULL) is true for no row instead of for each", place.text)
		}
	}
	return p.found
}

// isNegated reports whether there is a NOT before the IN that the slice at i is of, or
// before a parenthesis around it. What is outside of a SELECT has rows to do with, and not
// NULL.
func isNegated(parts []part, i int) bool {
	if i < 3 || !strings.EqualFold(parts[i-2].text, "in") {
		return false
	}
	if strings.EqualFold(parts[i-3].text, "not") {
		return true
	}
	depth := 0
	for j := i - 3; j > 0; j-- {
		switch parts[j].text {
		case ")":
			depth++
		case "(":
			if depth--; depth >= 0 {
				continue
			}
			depth = 0
			if strings.EqualFold(parts[j+1].text, "select") || strings.EqualFold(parts[j+1].text, "with") {
				return false
			}
			if strings.EqualFold(parts[j-1].text, "not") {
				return true
			}
		}
	}
	return false
}
