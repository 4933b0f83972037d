// Package sqlitevec adds sqlite-vec to the SQLite of the process: the functions
// vec_distance_cosine, vec_distance_L2 and others, and the virtual table vec0, for a search by
// similarity.
//
//	import _ "github.com/duolite/duolite/db/sqlitevec"
//
// All connections that open afterwards have it, of this module and of modernc.org/sqlite. An import
// of modernc.org/sqlite/vec has the same effect, but it initializes SQLite, so that the page cache
// of package db can't be set any more and connections that read at the same time wait for each
// other. This package sets the page cache before.
//
// A libSQL server has functions of its own. docs/vectors.md has both, with the type Vector of
// package dbtype.
// https://alexgarcia.xyz/sqlite-vec
package sqlitevec

import (
	_ "github.com/duolite/duolite/db/internal/sqlite/pagecache/early"
	_ "modernc.org/sqlite/vec"
)
