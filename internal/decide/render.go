package decide

// A renderer writes the text of a variant. It has the outcomes of the constants, by id.
type renderer []outcome

func (r renderer) outcome(c *constant) outcome {
	if c.dependsOnArguments() {
		return r[c.id]
	}
	return c.decide(nil)
}

// condition returns the outcome of a condition, or its text if the outcome is unknown. With
// nullIsFalse NULL has the effect of FALSE, as in WHERE.
func (r renderer) condition(n *node, nullIsFalse bool) (outcome, variantText) {
	o, text := r.simplify(n, nullIsFalse)
	if o == isNull && nullIsFalse {
		return isFalse, nil
	}
	return o, text
}

func (r renderer) simplify(n *node, nullIsFalse bool) (outcome, variantText) {
	whole := variantText{original(n.start, n.end)}
	switch n.kind {
	case parens:
		o, text := r.condition(n.kids[0], nullIsFalse)
		return o, around(n, text)
	case not:
		o, text := r.condition(n.kids[0], false)
		return o.not(), around(n, text)
	case and:
		return r.list(n, isFalse, isTrue, nullIsFalse)
	case or:
		return r.list(n, isTrue, isFalse, nullIsFalse)
	case choice:
		return r.choice(n, whole, nullIsFalse)
	}
	if n.constant != nil {
		return r.outcome(n.constant), whole
	}
	return unknown, r.stretch(n.start, n.end, n.edits)
}

// around returns the text of a node with another text for its only kid.
func around(n *node, kid variantText) variantText {
	text := append(variantText{original(n.start, n.kids[0].start)}, kid...)
	return append(text, original(n.kids[0].end, n.end))
}

// list simplifies AND and OR. The outcome decisive decides the list, and neutral kids are left
// out. A NULL stays as it is written.
func (r renderer) list(n *node, decisive, neutral outcome, nullIsFalse bool) (outcome, variantText) {
	var text variantText
	kept, nulls := 0, 0
	end := n.start // of the last kid
	for _, kid := range n.kids {
		o, kidText := r.condition(kid, nullIsFalse)
		switch o {
		case decisive:
			return decisive, nil
		case neutral:
			text = append(text, space)
			end = kid.end
			continue
		case isNull:
			nulls++
			kidText = variantText{original(kid.start, kid.end)}
		}
		if kept++; kept > 1 {
			text = append(text, original(end, kid.start))
		}
		text = append(text, kidText...)
		end = kid.end
	}
	switch kept {
	case 0:
		return neutral, nil
	case nulls:
		return isNull, text
	}
	return unknown, text
}

// choice simplifies CASE to its branch, if the tests decide it.
func (r renderer) choice(n *node, whole variantText, nullIsFalse bool) (outcome, variantText) {
	for i, test := range n.tests {
		switch o, _ := r.condition(test, true); o {
		case unknown:
			return unknown, whole
		case isTrue:
			return r.branch(n.kids[i], nullIsFalse)
		}
	}
	if otherwise := n.kids[len(n.tests)]; otherwise != nil {
		return r.branch(otherwise, nullIsFalse)
	}
	return isNull, nil
}

func (r renderer) branch(n *node, nullIsFalse bool) (outcome, variantText) {
	o, text := r.condition(n, nullIsFalse)
	return o, append(append(variantText{added("(")}, text...), added(")"))
}

// sortText returns the text of a term whose CASE is decided. It is empty for a constant.
func (r renderer) sortText(term *sortTerm) (text variantText, decided bool) {
	for _, c := range term.choices {
		if c.test == nil {
			return c.text, true
		}
		switch o, _ := r.condition(c.test, true); o {
		case isTrue:
			return c.text, true
		case unknown:
			return nil, false
		}
	}
	return nil, false
}
