package dbcheck

import (
	"slices"

	"github.com/duolite/duolite/db/dbcheck/internal/trial"
)

// plans returns the plans of all methods whose arguments are proven.
func (s *subjects) plans() (plans []Plan) {
	for _, b := range s.bindings {
		q := b.Query
		add := func(variant string, steps []string) {
			p := Plan{File: q.File, Line: q.Line, Query: q.Name, Variant: variant}
			for _, step := range steps {
				p.Steps = append(p.Steps, Step{step, isScan(step)})
			}
			plans = append(plans, p)
		}
		add("", s.databases.PlanOf(b))
		i := slices.IndexFunc(s.dynamics, func(d *trial.Dynamic) bool { return d.Binding == b })
		if i < 0 {
			continue
		}
		for _, v := range s.dynamics[i].Variants {
			add(v.Outcomes, v.Plan)
		}
	}
	return plans
}
