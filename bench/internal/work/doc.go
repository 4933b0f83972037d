// Package work has the workloads and their measurement. A contestant is a program of its own,
// so that no two share memory, a garbage collector, or a driver name. It runs one workload and
// writes one [Result] as JSON.
package work
