package dbtype

// AppendText implements [encoding.TextAppender]; see MarshalText. (The embedded
// time.Time's would be taken otherwise, by encoding/json for the keys of a map since Go 1.27.)
func (t Time) AppendText(text []byte) ([]byte, error) {
	own, err := t.MarshalText()
	return append(text, own...), err
}
