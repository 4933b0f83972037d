package memvfs

// Stats counts the databases in memory, to find leaks.
type Stats struct {
	Databases int
	Named     int // databases that have a name
	OpenFiles int // open files, temporary ones among them
	Temporary int // open files without a name
}

// Count returns the Stats of the process.
func Count() Stats {
	databases.Lock()
	defer databases.Unlock()
	s := Stats{Databases: len(databases.byPath), Named: len(databases.byName)}
	for _, h := range handles.All() {
		s.OpenFiles++
		if h.database == nil {
			s.Temporary++
		}
	}
	return s
}
