package engine

import "context"

// NewClientGo returns a server's database over libsql-client-go. Package db/clientgo sets it when a
// program imports that package; until then it is nil. A nil token is none.
var NewClientGo func(url string, token func(context.Context) (string, error)) Database
