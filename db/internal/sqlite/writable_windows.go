package sqlite

// writable returns nil: Windows tells of missing permissions only when the file is opened.
func writable(string) error { return nil }
