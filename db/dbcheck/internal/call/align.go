package call

import (
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
)

// A Match is a place for arguments in the source, with the parameters at that position of the
// sent text: one for a single value, none for a slice without values or a place that
// sqlc left unchanged.
type Match struct {
	Place  source.Part
	params []source.Part
	left   bool // the place itself stands there still
}

// An Alignment compares the text that is sent with its source, part by part.
type Alignment struct {
	source, sent []source.Part
	length       int // how many values each slice has
	failed       map[[2]int]bool
	Matches      []Match // of the places so far
	farthest     [2]int  // how far the two are the same
	// Complete: the sent text is the source, with its macros and stars replaced.
	Complete bool
}

// align finds a match for each place of the source. If the sent text isn't the source's,
// the alignment isn't complete, and farthest is the place where they begin to differ.
func align(from, sent []source.Part, length int) *Alignment {
	a := &Alignment{source: from, sent: sent, length: length, failed: map[[2]int]bool{}}
	a.Complete = a.from(0, 0)
	return a
}

// Differ returns a few tokens of both texts from where they differ, and the place in the source.
func (a *Alignment) Differ() (at source.Part, want, got string) {
	i, j := a.farthest[0], a.farthest[1]
	return a.source[min(i, len(a.source)-1)], rest(a.source, i), rest(a.sent, j)
}

// rest returns a few parts for a message.
func rest(parts []source.Part, from int) string {
	var words []string
	for _, p := range parts[min(from, len(parts)):min(from+5, len(parts))] {
		words = append(words, p.Text)
	}
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

// from compares the source from part i on with the sent text from part j on.
func (a *Alignment) from(i, j int) bool {
	if i == len(a.source) {
		return j == len(a.sent)
	}
	if a.failed[[2]int{i, j}] {
		return false
	}
	if i > a.farthest[0] {
		a.farthest = [2]int{i, j}
	}
	if a.part(i, j) {
		return true
	}
	a.failed[[2]int{i, j}] = true
	return false
}

func (a *Alignment) part(i, j int) bool {
	switch p := a.source[i]; p.Kind {
	case source.StarPart, source.EmbedPart:
		return a.columns(i, j)
	case source.SlicePart:
		return a.slice(i, j) || a.literal(i, j)
	case source.ScalarPart:
		return a.scalar(i, j) || a.literal(i, j)
	default:
		return j < len(a.sent) && same(p, a.sent[j]) && a.from(i+1, j+1)
	}
}

// columns matches a list of columns with as few parts as possible.
func (a *Alignment) columns(i, j int) bool {
	for end := j + 1; end <= len(a.sent); end++ {
		if last := a.sent[end-1].Text; last == "(" {
			end = source.Closing(a.sent, end-1) + 1
		} else if last == ")" {
			return false
		}
		if a.from(i+1, end) {
			return true
		}
	}
	return false
}

func (a *Alignment) scalar(i, j int) bool {
	sent := source.At(a.sent, j)
	return sent.IsPlace() && sent.Name == "" && a.with(Match{Place: a.source[i], params: a.sent[j : j+1]}, i+1, j+1)
}

// slice matches a slice with the parameters that sqlc made of it.
func (a *Alignment) slice(i, j int) bool {
	m := Match{Place: a.source[i]}
	if a.length == 0 {
		return source.At(a.sent, j).Is("NULL") && a.with(m, i+1, j+1)
	}
	for source.At(a.sent, j).IsPlace() {
		m.params = append(m.params, a.sent[j])
		j++
		if len(m.params) == a.length || source.At(a.sent, j).Text != "," {
			break
		}
		j++
	}
	return len(m.params) > 0 && a.with(m, i+1, j)
}

// literal matches a place that sqlc left unchanged.
func (a *Alignment) literal(i, j int) bool {
	text := source.Parts(a.source[i].Text)
	end := min(j+len(text), len(a.sent))
	return slices.EqualFunc(text, a.sent[j:end], same) && a.with(Match{Place: a.source[i], left: true}, i+1, end)
}

func (a *Alignment) with(m Match, i, j int) bool {
	a.Matches = append(a.Matches, m)
	if a.from(i, j) {
		return true
	}
	a.Matches = a.Matches[:len(a.Matches)-1]
	return false
}

// same reports whether two tokens are the same to SQLite. A name can be quoted or not.
func same(a, b source.Part) bool {
	isText := strings.HasPrefix(a.Text, "'") || strings.HasPrefix(b.Text, "'")
	return a.Text == b.Text || !isText && a.Names(b.Unquoted())
}
