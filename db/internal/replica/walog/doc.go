// Package walog reads the log of a libSQL server (sqld): the pages that each transaction has
// changed, which an embedded replica copies to its file. It is the client of version 1 of the
// server's replication protocol, the gRPC service wal_log.ReplicationLog. The messages travel as
// gRPC-web, which needs no more than an HTTP/1.1 client.
//
// [Client.Hello] opens a session and tells which log the server has, and how far it goes.
// [Client.Entries] reads the log from a frame on, and then waits for more. [Client.Snapshot] reads
// the part of the log that the server no longer keeps as single frames. A [Chain] checks that the
// frames continue the history that the replica has.
//
// A loop over frames runs on the caller's goroutine. It ends the request when the loop ends, for any
// reason. Only net/http keeps goroutines, for idle connections, which [Client.Close] ends.
package walog
