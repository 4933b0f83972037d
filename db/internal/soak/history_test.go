package soak_test

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// A history is which operations there were on each key, and when.
type history struct {
	start time.Time
	mu    sync.Mutex
	keys  map[int64][]porcupine.Operation
	// undone are operations that are no part of it.
	undone map[int64][]porcupine.Operation
	fates  map[fate]int
}

func newHistory() *history {
	return &history{
		start:  time.Now(),
		keys:   map[int64][]porcupine.Operation{},
		undone: map[int64][]porcupine.Operation{},
		fates:  map[fate]int{},
	}
}

// now is the time by a clock that doesn't go back.
func (h *history) now() int64 {
	return int64(time.Since(h.start))
}

// note adds an operation that returns now. One that wasn't done is no part of the
// history, be it a read that failed or a write whose error says that nothing was
// written: what it would have written must not be seen.
func (h *history) note(client int, call int64, in input, out output) {
	op := porcupine.Operation{ClientId: client, Input: in, Call: call, Output: out, Return: h.now()}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fates[out.fate]++
	if out.fate == undone || in.deed == read && out.fate == unknown {
		h.undone[in.key] = append(h.undone[in.key], op)
		return
	}
	if out.fate == unknown {
		op.Return = math.MaxInt64 // it may take place at any later time
	}
	h.keys[in.key] = append(h.keys[in.key], op)
}

// checkTime bounds the search for an order of one key's operations. It takes
// milliseconds, save where many outcomes are unknown.
const checkTime = 20 * time.Second

// check looks for an order in which the operations on each key can have taken place.
func (h *history) check(t *testing.T) {
	t.Helper()
	for key, ops := range h.keys {
		switch porcupine.CheckOperationsTimeout(registerModel, ops, checkTime) {
		case porcupine.Illegal:
			t.Errorf("the operations on key %d can't have taken place one after another:\n%s", key, list(slices.Concat(ops, h.undone[key])))
		case porcupine.Unknown:
			t.Logf("key %d: %d operations were too many to decide", key, len(ops))
		}
	}
}

// list has operations by the time of their call.
func list(ops []porcupine.Operation) string {
	slices.SortFunc(ops, func(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) })
	var text strings.Builder
	for _, op := range ops {
		end := "-"
		if op.Return != math.MaxInt64 {
			end = fmt.Sprint(time.Duration(op.Return))
		}
		fmt.Fprintf(&text, "%v to %s, client %d: %s\n", time.Duration(op.Call), end, op.ClientId, registerModel.DescribeOperation(op.Input, op.Output))
	}
	return text.String()
}
