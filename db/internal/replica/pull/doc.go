// Package pull reads the changes of a database from a server of Turso: Turso Cloud, or tursodb with
// --sync-server. It is the client of POST /pull-updates, the second version of the replication
// protocol. Package walog has the first one.
//
// The server numbers no frames. It names each of its states by a revision, and answers which pages have
// changed since a revision, each once, with the content that they have now. All pages of one answer
// are one transaction of the replica. The answer has no checksum, and no identifier of the database:
// the revision is all that tells one history from another.
//
// A loop over pages runs on the caller's goroutine. Only net/http keeps goroutines, for idle
// connections, which [Client.Close] ends.
package pull
