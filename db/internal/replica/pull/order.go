package pull

import (
	"cmp"
	"regexp"
	"strings"
)

// The order of two revisions.
type ordering int

const (
	unknown ordering = iota
	back             // the second one is older
	same
	forward
)

var digits = regexp.MustCompile(`[0-9]+`)

// order compares two revisions. Their form is the server's own. Of known servers it is a number, or
// several with text between them, the most significant first. An answer of an older state than the
// replica's shows that the server was restored: the server itself takes such a revision for its newest.
func order(from, to string) ordering {
	if from == to {
		return same
	}
	if digits.ReplaceAllString(from, "0") != digits.ReplaceAllString(to, "0") {
		return unknown
	}
	a, b := digits.FindAllString(from, -1), digits.FindAllString(to, -1)
	for i := range a {
		switch x, y := strings.TrimLeft(a[i], "0"), strings.TrimLeft(b[i], "0"); cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(x, y)) {
		case 1:
			return back
		case -1:
			return forward
		}
	}
	return unknown
}

// A pageSet is a set of numbers of pages. Its memory grows with the pages that have arrived, and not
// with their numbers.
type pageSet struct {
	parts map[uint32]*[512]uint64
	len   int
}

func (s *pageSet) add(number uint32) {
	const bits = 512 * 64
	if s.parts == nil {
		s.parts = map[uint32]*[512]uint64{}
	}
	part := s.parts[number/bits]
	if part == nil {
		part = new([512]uint64)
		s.parts[number/bits] = part
	}
	word, bit := &part[number%bits/64], uint64(1)<<(number%64)
	if *word&bit == 0 {
		*word |= bit
		s.len++
	}
}
