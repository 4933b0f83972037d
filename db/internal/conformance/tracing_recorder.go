package conformance

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtrace"
)

// A recorder is a Tracer that notes the end of each call, and checks its beginning.
type recorder struct {
	mu      sync.Mutex
	notes   []string
	begun   dbtrace.Call // the last one, at its Start
	calls   []dbtrace.Call
	open    int
	explain bool
}

type recorderKey struct{ *recorder }

func (r *recorder) Start(ctx context.Context, call *dbtrace.Call) context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open++
	r.begun = *call
	if call.Start.IsZero() || call.Err != nil || call.Duration != 0 || call.Rows != 0 || call.Explain != nil {
		r.notes = append(r.notes, fmt.Sprintf("%v begins with results: %+v", call.Op, call))
	}
	return context.WithValue(ctx, recorderKey{r}, call.Op)
}

func (r *recorder) End(ctx context.Context, call *dbtrace.Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open--
	if ctx.Value(recorderKey{r}) != call.Op {
		r.notes = append(r.notes, fmt.Sprintf("%v ends in another context", call.Op))
	}
	if call.Duration < 0 || call.Waited < 0 || call.Requests < 0 || call.Repeats < 0 {
		r.notes = append(r.notes, fmt.Sprintf("%v has negative results: %+v", call.Op, call))
	}
	note := fmt.Sprint(call.Op)
	if call.Name != "" {
		note += " " + call.Name
	}
	if call.Rows != 0 {
		note += fmt.Sprintf(" rows=%d", call.Rows)
	}
	if call.Committed {
		note += " committed"
	}
	if call.Err != nil {
		note += " failed"
	}
	if r.explain && call.Explain != nil {
		plan, err := call.Explain()
		note += fmt.Sprintf(" plan=%q", strings.Join(plan, "/"))
		if err != nil {
			note += " " + err.Error()
		}
	}
	r.notes = append(r.notes, note)
	r.calls = append(r.calls, *call)
}

// take returns the notes since the last take.
func (r *recorder) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	notes := r.notes
	r.notes = nil
	return notes
}

// last returns the last call.
func (r *recorder) last() dbtrace.Call {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.calls) == 0 {
		return dbtrace.Call{}
	}
	return r.calls[len(r.calls)-1]
}

// wantBegun checks that the last call had at its Start what it has at its End.
func (t *tester) wantBegun(r *recorder) {
	t.Helper()
	last := r.last()
	r.mu.Lock()
	defer r.mu.Unlock()
	t.equal("the name at the start", r.begun.Name, last.Name)
	t.equal("the statements at the start", r.begun.Statements, last.Statements)
	t.equal("the arguments at the start", r.begun.Args, last.Args)
}

// traced opens a pool with a recorder, and drops the notes about its connection.
func (t *tester) traced(opts ...db.Option) (*sql.DB, *recorder) {
	t.Helper()
	r := &recorder{}
	pool := t.open(append(opts, db.WithTracer(r))...)
	r.take()
	return pool, r
}

func (t *tester) wantNotes(r *recorder, want ...string) {
	t.Helper()
	got := r.take()
	// The pool may open a connection at any time.
	got = slices.DeleteFunc(got, func(note string) bool { return note == "connect" || note == "close" })
	t.equal("the calls", got, want)
	r.mu.Lock()
	defer r.mu.Unlock()
	t.equal("calls that haven't ended", r.open, 0)
}
