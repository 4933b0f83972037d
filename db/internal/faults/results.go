package faults

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
)

// A Promise is a promise of package db about failing calls.
type Promise string

const (
	// Once: no write is applied twice, and every write whose call returned nil was applied.
	Once Promise = "nothing applied twice, nothing lost that returned nil"
	// Known: an error that isn't ErrOutcomeUnknown means that nothing was applied.
	Known Promise = "an error without ErrOutcomeUnknown: nothing applied"
	// Whole: a transaction is applied as a whole or not at all. After a failure nothing more
	// is applied.
	Whole Promise = "a transaction as a whole or not at all"
	// Usable: the pool works immediately after a fault.
	Usable Promise = "the pool goes on at once"
	// Tidy: failing calls leave no goroutine, file descriptor or stream behind.
	Tidy Promise = "failing calls leave nothing behind"
)

var promises = []Promise{Once, Known, Whole, Usable, Tidy}

// A Violation is a promise that wasn't kept.
type Violation struct {
	Promise Promise
	Engine  string
	// Text says which operation ran, what happened, and how to repeat it.
	Text string
}

// String returns the violation on one line.
func (v Violation) String() string {
	return fmt.Sprintf("%s: %s: %s", v.Engine, v.Promise, v.Text)
}

// Results count how often promises were tested, and their violations. A Results is safe for
// concurrent use.
type Results struct {
	mu         sync.Mutex
	rows       map[rowKey]*row
	violations []Violation
}

type rowKey struct {
	promise Promise
	engine  string
}

type row struct {
	faults, operations, violations int
}

// row returns the row of a promise. The caller holds the lock.
func (r *Results) row(promise Promise, engine string) *row {
	if r.rows == nil {
		r.rows = map[rowKey]*row{}
	}
	key := rowKey{promise, engine}
	if r.rows[key] == nil {
		r.rows[key] = &row{}
	}
	return r.rows[key]
}

// checked counts operations that tested a promise.
func (r *Results) checked(promise Promise, engine string, faults, operations int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	row := r.row(promise, engine)
	row.faults += faults
	row.operations += operations
}

func (r *Results) violate(promise Promise, engine, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.row(promise, engine).violations++
	r.violations = append(r.violations, Violation{promise, engine, text})
}

// Violations returns the violations in the order in which they were found.
func (r *Results) Violations() []Violation {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.violations)
}

// Add adds the results of another run.
func (r *Results) Add(others *Results) {
	others.mu.Lock()
	defer others.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, row := range others.rows {
		sum := r.row(key.promise, key.engine)
		sum.faults += row.faults
		sum.operations += row.operations
		sum.violations += row.violations
	}
	r.violations = append(r.violations, others.violations...)
}

// Table returns the results as text: the number of faults, operations and violations for each
// promise and engine.
func (r *Results) Table() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	keys := make([]rowKey, 0, len(r.rows))
	for key := range r.rows {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b rowKey) int {
		return cmp.Or(cmp.Compare(slices.Index(promises, a.promise), slices.Index(promises, b.promise)), cmp.Compare(a.engine, b.engine))
	})
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight|tabwriter.TabIndent)
	fmt.Fprintln(w, "promise\tengine\tfaults\toperations\tviolations\t")
	for _, key := range keys {
		row := r.rows[key]
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t\n", key.promise, key.engine, row.faults, row.operations, row.violations)
	}
	w.Flush()
	return text.String()
}
