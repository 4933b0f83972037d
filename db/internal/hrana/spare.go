package hrana

const (
	// maxSpareData and maxSpareValues bound what a connection keeps for its next reply:
	// a few rows.
	maxSpareData   = 8 << 10
	maxSpareValues = 256
)

// A spare is the memory of a reply that nobody reads any more. It serves for the next.
type spare struct {
	data   []byte
	values []value
}

func (s *spare) takeData() []byte {
	data := s.data
	s.data = nil
	return data
}

// takeValues returns nothing if there is no spare at all.
func (s *spare) takeValues() []value {
	if s == nil {
		return nil
	}
	values := s.values
	s.values = nil
	return values
}

// keep takes the memory of a result, which must be the only one of its reply that has rows.
func (s *spare) keep(r *statementResult) {
	if cap(r.data) <= maxSpareData {
		s.data = r.data[:0]
	}
	if cap(r.values) <= maxSpareValues {
		s.values = r.values[:0]
	}
	r.data, r.values, r.rows = nil, nil, 0
}
