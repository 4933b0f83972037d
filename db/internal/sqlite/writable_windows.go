package sqlite

// writable: who may write is known here only when it is tried.
func writable(string) error { return nil }
