// Package gen makes Go code from SQL. It runs sqlc, writes an iterator for each :many query, and checks
// that the code does what the queries say. It works in any project that has sqlc's configuration and a
// module that requires duolite.
//
// It writes files only if there are no findings. Files written by hand in the same folders stay as they
// are.
package gen

// Options say what [Run] does. The zero value writes the code of the configuration in the current folder.
type Options struct {
	// File is sqlc's configuration. The default is sqlc.yaml, sqlc.yml or sqlc.json.
	File string
	// SQLC is the command that runs sqlc, with its first arguments. The default is the installed sqlc, if
	// it has the version that the module requires, or else the module's tool, or else one that is built.
	SQLC string
	// Check: write nothing, and find files that would change.
	Check bool
	// Dynamic: each query with conditions that its arguments decide is dynamic.
	Dynamic bool
	// Plans: print the plans of the queries, and write nothing.
	Plans bool
	// Server is the URL of a libSQL server that compiles each statement too, or "".
	Server string
	// OpenWith is IMPORTPATH.FUNC, a func() []db.Option with the options of the check's databases, or "".
	OpenWith string
}
