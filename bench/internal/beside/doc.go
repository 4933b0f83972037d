// Package beside tests that duolite and github.com/mattn/go-sqlite3 leave each other alone in one
// process. The test needs cgo, as that driver does.
package beside
