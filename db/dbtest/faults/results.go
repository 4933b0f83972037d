package faults

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
)

// A Promise is what package db promises of calls that go wrong.
type Promise string

const (
	// Once: no write is applied twice, and one whose call returned nil was applied.
	Once Promise = "nothing applied twice, nothing lost that returned nil"
	// Known: an error that isn't ErrOutcomeUnknown means that nothing was applied.
	Known Promise = "an error without ErrOutcomeUnknown: nothing applied"
	// Whole: a transaction is applied as a whole or not at all; one that has failed
	// takes nothing more.
	Whole Promise = "a transaction as a whole or not at all"
	// Usable: the pool goes on after a fault, at once.
	Usable Promise = "the pool goes on at once"
	// Tidy: what fails leaves no goroutine, file descriptor or stream behind.
	Tidy Promise = "failing calls leave nothing behind"
)

var promises = []Promise{Once, Known, Whole, Usable, Tidy}

// A Violation is a promise that was not kept.
type Violation struct {
	Promise Promise
	Engine  string
	// Text says what was done, what came of it, and how to have it again.
	Text string
}

// String returns the violation on one line.
func (v Violation) String() string {
	return fmt.Sprintf("%s: %s: %s", v.Engine, v.Promise, v.Text)
}

// Results are how often promises were put to the test, and what came of it. It is safe for
// use by several goroutines.
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

// row returns the row of a promise, with the lock held.
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

// checked counts operations by which a promise was put to the test.
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

// Violations returns them, in the order in which they were found.
func (r *Results) Violations() []Violation {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.violations)
}

// Add adds what others have found.
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

// Table returns the results as text: for each promise and engine how many faults there
// were, in how many operations, and how often the promise wasn't kept.
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
