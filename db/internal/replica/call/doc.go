// Package call sends the requests of the replication protocols to a server. They only read, so a
// request may be sent again. It adds the token, follows redirects, limits each wait for bytes of the
// answer, and types the errors that the protocols share.
package call
