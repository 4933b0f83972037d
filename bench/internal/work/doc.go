// Package work has what each contestant does, and how it is measured. A contestant is a
// program of its own, so that no two share memory, a garbage collector, or the name of a
// driver; it runs one workload and writes one [Result] as JSON.
package work
