package faults

import "context"

// A workload is an operation, run in one of the ways that a program has.
type workload struct {
	name  string
	mark  Mark
	parts int // parts that are applied together; 0 for an operation that is never applied
	// ours: it uses functions of package db that need package db's errors.
	ours bool
	// transaction: faults may leave a transaction open on the server.
	transaction bool
	// requests is the approximate number of requests, for choosing random ones.
	requests int
	run      func(ctx context.Context, c *client, op int64) error
}

// workloads returns all workloads.
func workloads() []workload {
	return append([]workload{
		{name: "INSERT", parts: 1, requests: 1, run: insert},
		{name: "UPDATE of a counter", mark: Counter, parts: 1, requests: 1, run: update},
		{name: "DELETE", mark: Targets, parts: 1, requests: 1, run: remove},
		{name: "INSERT RETURNING", parts: 1, requests: 1, run: returning},
		{name: "UPDATE RETURNING", mark: Counter, parts: 1, requests: 1, run: updateReturning},
		{name: "prepared INSERT", parts: 1, requests: 2, run: prepared},
		{name: "script", parts: 3, requests: 2, transaction: true, run: script},
		{name: "script with COMMIT", parts: 2, requests: 1, transaction: true, run: scriptWithCommit},
		{name: "Tx", parts: 3, requests: 4, transaction: true, run: commits},
		{name: "Tx, RETURNING", parts: 2, requests: 4, transaction: true, run: commitsReturning},
		{name: "Tx, prepared", parts: 2, requests: 4, transaction: true, run: commitsPrepared},
		{name: "Tx, script", parts: 3, requests: 2, transaction: true, run: commitsScript},
		{name: "Tx, rolled back", parts: 0, requests: 3, transaction: true, run: rollsBack},
		{name: "Conn with BEGIN and COMMIT", parts: 2, requests: 4, transaction: true, run: connCommits},
		{name: "InTx", parts: 2, requests: 3, transaction: true, ours: true, run: inTx},
		{name: "InTx, read-modify-write", mark: Counter, parts: 1, requests: 3, transaction: true, ours: true, run: readModifyWrite},
		{name: "InTxOnce", parts: 2, requests: 5, transaction: true, ours: true, run: inTxOnce},
		{name: "InTxOnce, repeated", parts: 2, requests: 8, transaction: true, ours: true, run: inTxOnceRepeated},
	}, batchWorkloads()...)
}

// workloads returns the workloads that the engine can run.
func (e Engine) workloads() []workload {
	var some []workload
	for _, w := range workloads() {
		if !e.Foreign || !w.ours {
			some = append(some, w)
		}
	}
	return some
}

// ledgerParts is the number of parts to count in the ledger. It is larger than parts for an
// operation that is never applied.
func (w workload) ledgerParts() int {
	return max(w.parts, 3)
}
