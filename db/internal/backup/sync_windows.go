package backup

// syncFolder does nothing: NTFS logs the names itself.
func syncFolder(string) error { return nil }
