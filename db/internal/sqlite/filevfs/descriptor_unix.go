//go:build unix

package filevfs

import (
	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	sqlite3 "modernc.org/sqlite/lib"
)

func descriptorOf(file uintptr) int32 { return cmem.As[sqlite3.TunixFile](file).Fh }
