package trial

import (
	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
)

// emptyDraws is how often a method is called with empty slices in a state.
const emptyDraws = 24

// EmptyMatters reports whether an empty slice changes the result of a method, as sqlc makes it NULL: the
// statement has one result with IN (NULL) and another with IN (). It returns the state in which that
// was seen. A statement with random values has other results anyway.
func (d *Databases) EmptyMatters(b *call.Binding) (seen string, ok bool) {
	if b.Query.Contains("random") {
		return "", false
	}
	for i, s := range []*state{d.states[fullState], d.states[nullState]} {
		drawer := d.newDrawer(b, s, 4, uint64(i))
		for range emptyDraws {
			values := drawer.values(b.Method)
			for i, l := range b.Method.Args {
				if l.Slice {
					values[i] = nil
				}
			}
			sent, err := b.Method.Record(d.Tap, values)
			if err != nil {
				return "", false
			}
			null, errNull := s.effectOf(d.ctx, sent)
			none, errNone := s.effectOf(d.ctx, call.Statement{Text: withoutNULL(sent.Text), Args: sent.Args})
			if errNull == nil && errNone == nil && !null.equals(none) {
				return s.says, true
			}
		}
	}
	return "", false
}

// withoutNULL returns a statement with IN () for each IN (NULL).
func withoutNULL(text string) string {
	parts := source.Parts(text)
	for i := len(parts) - 2; i > 1; i-- {
		if parts[i].Is("null") && parts[i-1].Text == "(" && parts[i+1].Text == ")" && parts[i-2].Is("in") {
			text = text[:parts[i].Offset] + text[parts[i].Offset+len(parts[i].Text):]
		}
	}
	return text
}
