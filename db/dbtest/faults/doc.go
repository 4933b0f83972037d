// Package faults puts a database client to the test by real faults: a proxy between it
// and a real server cuts, resets, delays or swallows what is on its way, and a server is
// killed. What was applied is counted afterwards, past the proxy.
//
// [Matrix] runs each workload with each fault at each of its requests:
//
//	func TestFaults(t *testing.T) {
//		r := faults.Matrix(t, faults.Target{URL: dbtest.StartServer(t).URL()}, faults.Ours())
//		for _, v := range r.Violations() {
//			t.Error(v)
//		}
//		t.Log(r.Table())
//	}
//
// [Random] draws workloads and faults by a seed, [Contention] lets many workers change
// the same rows, [Crash] kills the server, and [Leaks] looks at what failing calls leave
// behind. A run of [Random] is had again by the seed that it logs, in the environment
// variable DUOLITE_SEED; each worker then meets the same faults in the same operations,
// while who comes first among workers stays a matter of chance.
//
// They run against a server of the caller's as well. Its database gets tables whose
// names begin with fault_, and duolite_once.
//
// # The proxy
//
// [StartProxy] is of use by itself:
//
//	p := faults.StartProxy(t, server.URL())
//	pool, err := db.Open(ctx, p.URL())
//	...
//	p.Arm(faults.CutAfter, 1, "COMMIT") // the reply to the next COMMIT is lost
//
// # Soaking
//
// The package's own tests take some 30 seconds. With the environment variable
// DUOLITE_SOAK=10m the test TestSoak goes on for that long.
package faults
