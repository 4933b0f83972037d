// Package faults tests a database client with real faults. A proxy between the client and a
// real server cuts or resets connections, and delays or drops requests and replies; the server
// itself is killed. Afterwards the applied operations are counted without the proxy.
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
// [Random] chooses workloads and faults by a seed, [Contention] lets many workers change the
// same rows, [Crash] kills the server, and [Leaks] looks for resources that failed calls leave
// open. To repeat a run of [Random], set the environment variable DUOLITE_SEED to the seed
// that it logged. Each worker then gets the same faults in the same operations, but the order
// between workers remains random.
//
// They also run against a server of the caller. Its database gets the table duolite_once and
// tables whose names begin with fault_.
//
// # The proxy
//
// [StartProxy] can be used by itself:
//
//	p := faults.StartProxy(t, server.URL())
//	pool, err := db.Open(ctx, p.URL())
//	...
//	p.Arm(faults.CutAfter, 1, "COMMIT") // the reply to the next COMMIT is lost
//
// # Long runs
//
// The package's own tests take some 30 seconds. With the environment variable DUOLITE_SOAK=10m
// the test TestSoak runs for that time.
package faults
