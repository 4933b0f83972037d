package dbtype

// AppendText implements [encoding.TextAppender]; see MarshalText. It hides the method of the
// embedded time.Time, which encoding/json calls for map keys since Go 1.27.
func (t Time) AppendText(text []byte) ([]byte, error) {
	own, err := t.MarshalText()
	return append(text, own...), err
}
