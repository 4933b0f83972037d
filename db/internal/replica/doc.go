// Package replica is the engine for a local copy of a server's database. Reads run on the copy, and
// writes on the server.
//
// A [database] has three parts: the copy as a SQLite database that is only read (package sqlite), the
// server (package hrana), and a follower, which brings the server's log (package walog) to the copy
// (package localfile). A connection has one connection to each of the first two, and routes each
// statement (stmt.go). A read waits until the copy has all writes that returned before it (await.go).
package replica
