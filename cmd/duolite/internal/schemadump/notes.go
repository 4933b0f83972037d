package schemadump

import (
	"fmt"
	"strings"
)

// A problem is a reason, and what it concerns.
type problem struct {
	reason  string // with a %s for the objects
	objects []string
}

// problems are the problems of a schema, each reason once.
type problems []*problem

func (p *problems) add(reason, object string) {
	for _, one := range *p {
		if one.reason == reason {
			one.objects = append(one.objects, object)
			return
		}
	}
	*p = append(*p, &problem{reason, []string{object}})
}

// shownObjects is the number of objects that a note names.
const shownObjects = 5

// notes returns a line for each problem.
func (p problems) notes() (lines []string) {
	for _, one := range p {
		objects := one.objects
		more := ""
		if n := len(objects) - shownObjects; n > 0 {
			objects, more = objects[:shownObjects], fmt.Sprintf(" and %d more", n)
		}
		lines = append(lines, strings.Replace(one.reason, "%s", strings.Join(objects, ", ")+more, 1))
	}
	return lines
}
