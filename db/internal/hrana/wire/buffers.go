package wire

const (
	// maxPooledData and maxPooledValues bound the memory that a BufferPool keeps. They are
	// enough for a few rows.
	maxPooledData   = 8 << 10
	maxPooledValues = 256
)

// A BufferPool keeps the memory of one reply for a later one. The zero value is empty. A
// BufferPool must not be used by several goroutines at once.
type BufferPool struct {
	data   []byte
	values []Value
}

// TakeData removes the buffer for the body of a reply from the pool. It returns nil if there is
// none.
func (p *BufferPool) TakeData() []byte {
	data := p.data
	p.data = nil
	return data
}

// takeValues removes the buffer for values from the pool. It returns nil if there is none, or no
// pool.
func (p *BufferPool) takeValues() []Value {
	if p == nil {
		return nil
	}
	values := p.values
	p.values = nil
	return values
}

// Put returns the memory of r to the pool and empties r. No other result of the same reply may
// have rows.
func (p *BufferPool) Put(r *StatementResult) {
	if cap(r.data) <= maxPooledData {
		p.data = r.data[:0]
	}
	if cap(r.values) <= maxPooledValues {
		p.values = r.values[:0]
	}
	r.data, r.values, r.rows = nil, nil, 0
}
