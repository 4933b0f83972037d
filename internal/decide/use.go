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
		var with []any
		for _, o := range c.operands() {
			if o.kind == literal {
				with = append(with, o.value)
			}
		}
		for _, o := range c.operands() {
			if o.kind != literal {
				uses = append(uses, Use{o.param, o.offset, c.text, o.as, with, c.op == ""})
			}
		}
	}
	return uses
}
