package wire

import "slices"

const (
	// maxStored is the number of texts that a request stores, and maxStoredText their length in bytes. The
	// limits of sqld are 50 and 5,000.
	maxStored, maxStoredText = 16, 4 << 10
	// minSaved is the number of bytes that a stored text must save. To store it takes some itself.
	minSaved = 128
)

// storeTexts chooses the texts that the request sends once for several steps. The server forgets them at the
// end of the request.
func (q *Request) storeTexts() {
	q.stored = nil
	if !q.Batch || len(q.Steps) < 3 {
		return
	}
	uses := map[string]int{}
	for i := 0; i < len(q.Steps); {
		text, first := q.Steps[i].SQL, i
		for i < len(q.Steps) && q.Steps[i].SQL == text {
			i++
		}
		if len(text) > maxStoredText {
			continue
		}
		uses[text] += i - first
		if (uses[text]-1)*len(text) >= minSaved && len(q.stored) < maxStored && !slices.Contains(q.stored, text) {
			q.stored = append(q.stored, text)
		}
	}
}

// storedID returns the place of a text in q.stored, or -1.
func (q *Request) storedID(text string) int { return slices.Index(q.stored, text) }
