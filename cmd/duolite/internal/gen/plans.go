package gen

import (
	"fmt"
	"io"
	"slices"

	"github.com/duolite/duolite/db/dbcheck"
)

// printPlans prints the plans of each query. A step that reads all rows of a table has a * before it.
// Variants of a dynamic query with the same plan are one entry, with the first of them.
func (s *source) printPlans(to io.Writer, plans []dbcheck.Plan) {
	for len(plans) > 0 {
		p := plans[0]
		n := 1
		for n < len(plans) && plans[n].Variant != "" {
			n++
		}
		variants := plans[1:n]
		plans = plans[n:]
		file := p.File
		if path, ok := s.files[file]; ok {
			file = shown(path)
		}
		fmt.Fprintf(to, "%s:%d: %s\n", file, p.Line, p.Query)
		printSteps(to, p.Steps)
		for len(variants) > 0 {
			first := variants[0]
			others := slices.DeleteFunc(slices.Clone(variants), func(v dbcheck.Plan) bool { return slices.Equal(v.Steps, first.Steps) })
			if n := len(variants) - len(others); n > 1 {
				fmt.Fprintf(to, "  %d variants, such as %s\n", n, first.Variant)
			} else {
				fmt.Fprintf(to, "  %s\n", first.Variant)
			}
			printSteps(to, first.Steps)
			variants = others
		}
	}
}

func printSteps(to io.Writer, steps []dbcheck.Step) {
	for _, step := range steps {
		mark := " "
		if step.Scan {
			mark = "*"
		}
		fmt.Fprintf(to, "    %s %s\n", mark, step.Text)
	}
}
