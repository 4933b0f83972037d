package decide

// A Use is a parameter in a decided condition.
type Use struct {
	Index     int    // of the parameter, from 0
	Offset    int    // of the parameter in the statement's text, in bytes
	Condition string // as it is written
	Cast      string // the type of the CAST around the parameter, or ""
	With      []any  // the literals that the parameter is compared with: int64, string, or nil for NULL
	Truth     bool   // the parameter is the condition
}

// Uses returns the parameters in the decided conditions, in the order of the conditions.
func (p *Plan) Uses() (uses []Use) {
	for _, c := range p.constants {
		if c.implied {
			continue
		}
		operands := append([]operand{c.left}, c.right...)
		for i := range operands {
			for _, o := range operands[i].params() {
				use := Use{Index: o.param, Offset: o.offset, Condition: c.text, Cast: o.as, Truth: c.op == ""}
				for k := range operands {
					use.With = append(use.With, operands[k].literals()...)
				}
				uses = append(uses, use)
			}
		}
	}
	return uses
}

// params returns the parameters of an operand.
func (o *operand) params() (params []operand) {
	switch o.kind {
	case param, castParam:
		return []operand{*o}
	}
	for i := range o.of {
		params = append(params, o.of[i].params()...)
	}
	return params
}

// literals returns the literals of an operand.
func (o *operand) literals() (values []any) {
	switch o.kind {
	case literal:
		return []any{o.value}
	}
	for i := range o.of {
		values = append(values, o.of[i].literals()...)
	}
	return values
}
