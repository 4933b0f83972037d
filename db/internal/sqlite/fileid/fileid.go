// Package fileid tells files from each other by device and number, and not by their names, which
// may lead to another file later.
package fileid

// An ID is the identity of a file. No other file has it as long as the file exists. The zero ID
// stands for a file whose identity isn't known.
type ID struct{ device, number uint64 }
