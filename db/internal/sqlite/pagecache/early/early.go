// Package early installs the page cache when it is imported: before a package of a later import
// path, such as modernc.org/sqlite/vec, initializes SQLite, after which no page cache can be set.
// Go initializes packages that don't depend on each other in the order of their import paths.
// https://go.dev/ref/spec#Program_initialization
package early

import "github.com/duolite/duolite/db/internal/sqlite/pagecache"

func init() { pagecache.Install() }
