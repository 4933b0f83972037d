package engine

import "context"

// NewClientGo returns a server's database that uses libsql-client-go. Package db/clientgo sets
// it when it is imported; otherwise it is nil. token may be nil.
var NewClientGo func(url string, token func(context.Context) (string, error)) Database
