package pull

import (
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/replica/call"
)

// FuzzAnswer reads any answer by HTTP. An answer without an error has each page that the replica doesn't
// have, and a revision that can be kept and sent.
func FuzzAnswer(f *testing.F) {
	var mu sync.Mutex
	var answer []byte
	c := newClient(f, call.Config{URL: serve(f, func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		w.Write(answer)
	})})
	f.Add(slices.Concat(message(head("7", 2)), page(1), page(2)), "", uint32(0))
	f.Add(slices.Concat(message(head("8", 2)), page(2)), "7", uint32(1))
	f.Add(message(head("7", 2)), "7", uint32(2))
	f.Add(message(head("6", 2)), "7", uint32(2))
	f.Fuzz(func(t *testing.T, body []byte, revision string, size uint32) {
		if revision != Whole && !validRevision.MatchString(revision) {
			return
		}
		mu.Lock()
		answer = body
		mu.Unlock()
		a, numbers, err := collect(t.Context(), c, revision, size)
		if err != nil {
			var own *engine.Error
			if !errors.As(err, &own) || own.Kind == nil || own.Message != engine.OneLine(own.Message) {
				t.Errorf("got %v (%T)", err, err)
			}
			return
		}
		if !validRevision.MatchString(a.Revision) || revision == Whole && !a.Whole {
			t.Errorf("got %+v", a)
		}
		from := size
		if a.Whole {
			from = 0
		}
		got := map[uint32]bool{lockPage: true}
		for _, number := range numbers {
			got[number] = true
			if number == 0 || number > a.Size {
				t.Errorf("page %d of %d", number, a.Size)
			}
		}
		for number := from; number < a.Size; number++ {
			if !got[number+1] {
				t.Fatalf("page %d of %d is missing", number+1, a.Size)
			}
		}
	})
}
