package decide

// An edit is a part of the text that a variant may have in another form.
type edit interface {
	// span returns the part, in bytes.
	span() (start, end int)
	// in returns the text in a variant.
	in(r renderer) variantText
}

// A variantText is a text made of parts of the original.
type variantText []piece

// A piece is a part of the original text, or a text that was added.
type piece struct {
	start, end int
	added      string
}

func original(start, end int) piece { return piece{start: start, end: end} }

func added(text string) piece { return piece{added: text} }

// space separates words that were apart before.
var space = added(" ")

// stretch returns the text from start to end with edits.
func (r renderer) stretch(start, end int, edits []edit) (text variantText) {
	for _, e := range edits {
		from, to := e.span()
		text = append(append(text, original(start, from)), e.in(r)...)
		start = to
	}
	return append(text, original(start, end))
}

// A whereEdit is WHERE with its condition.
type whereEdit struct {
	start     int
	condition *node
	optional  bool // WHERE may be left out. (DELETE without WHERE calls no hooks.)
}

func (e *whereEdit) span() (int, int) { return e.start, e.condition.end }

func (e *whereEdit) in(r renderer) variantText {
	o, text := r.condition(e.condition, true)
	if o == isTrue && e.optional {
		return variantText{space}
	}
	return append(variantText{original(e.start, e.condition.start)}, written(o, text)...)
}

// An onEdit is the condition of ON.
type onEdit struct{ condition *node }

func (e *onEdit) span() (int, int) { return e.condition.start, e.condition.end }

func (e *onEdit) in(r renderer) variantText { return written(r.condition(e.condition, true)) }

// written returns a condition as SQL. The words TRUE and FALSE may be names.
func written(o outcome, text variantText) variantText {
	switch o {
	case isTrue:
		return variantText{added(" 1 ")}
	case isFalse:
		return variantText{added(" 0 ")}
	}
	return text
}

// A coalesceEdit is coalesce(parameter, …).
type coalesceEdit struct {
	start, end int
	given      *constant // parameter IS NOT NULL
	parameter  piece
	inner      []edit
}

func (e *coalesceEdit) span() (int, int) { return e.start, e.end }

func (e *coalesceEdit) in(r renderer) variantText {
	if r.outcome(e.given) == isTrue {
		return variantText{space, e.parameter, space}
	}
	return r.stretch(e.start, e.end, e.inner)
}

// An orderEdit is ORDER BY with its terms.
type orderEdit struct {
	start, end int
	terms      []sortTerm
}

func (e *orderEdit) span() (int, int) { return e.start, e.end }

func (e *orderEdit) in(r renderer) variantText {
	text := variantText{original(e.start, e.terms[0].start)}
	kept := 0
	for i := range e.terms {
		term := &e.terms[i]
		sorted, decided := r.sortText(term)
		switch {
		case !decided:
			sorted = variantText{original(term.start, term.end)}
		case len(sorted) == 0:
			continue
		default:
			sorted = append(sorted[:len(sorted):len(sorted)], original(term.caseEnd, term.end))
		}
		if kept++; kept > 1 {
			text = append(text, added(", "))
		}
		text = append(text, sorted...)
	}
	if kept == 0 {
		return variantText{space}
	}
	return text
}
