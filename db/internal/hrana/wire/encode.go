package wire

import (
	"database/sql/driver"
	"encoding/base64"
	"strconv"

	"github.com/duolite/duolite/db/internal/engine"
)

// jsonCodec is [JSON].
type jsonCodec struct{}

// AppendPipeline implements [Codec].
// https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md#execute-a-pipeline-of-requests-json
func (jsonCodec) AppendPipeline(b []byte, q *Request, baton string) ([]byte, error) {
	b = appendBaton(b, baton)
	b = append(b, `"requests":[`...)
	start := len(b)
	var err error
	switch {
	case q.Batch:
		b = append(b, `{"type":"batch","batch":`...)
		b, err = appendBatch(b, q.Steps, q.Index)
		b = append(b, `},`...)
	case len(q.Steps) > 0:
		b = append(b, `{"type":"execute","stmt":`...)
		b, err = appendStatement(b, &q.Steps[0], nil, q.Index)
		b = append(b, `},`...)
	}
	if err != nil {
		return b, err
	}
	if q.Describe != "" {
		b = append(b, `{"type":"describe","sql":`...)
		b = engine.AppendJSON(b, q.Describe)
		b = append(b, `},`...)
	}
	if q.Autocommit {
		b = append(b, `{"type":"get_autocommit"},`...)
	}
	if q.Close {
		b = append(b, `{"type":"close"},`...)
	}
	if len(b) > start {
		b = b[:len(b)-1] // the last comma
	}
	return append(b, `]}`...), nil
}

// AppendCursor implements [Codec].
// https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md#execute-a-batch-using-a-cursor-json
func (jsonCodec) AppendCursor(b []byte, q *Request, baton string) ([]byte, error) {
	b = appendBaton(b, baton)
	b = append(b, `"batch":`...)
	b, err := appendBatch(b, q.Steps, q.Index)
	return append(b, '}'), err
}

func appendBaton(b []byte, baton string) []byte {
	b = append(b, '{')
	if baton != "" {
		b = append(b, `"baton":`...)
		b = engine.AppendJSON(b, baton)
		b = append(b, ',')
	}
	return b
}

func appendBatch(b []byte, steps []Step, index uint64) ([]byte, error) {
	b = append(b, `{"steps":[`...)
	var text string
	var quoted []byte // text as a JSON string; many steps repeat the previous text
	for i := range steps {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '{')
		b = appendCondition(b, steps[i].When, i-1)
		b = append(b, `"stmt":`...)
		if quoted == nil || text != steps[i].SQL {
			text = steps[i].SQL
			quoted = engine.AppendJSON(quoted[:0], text)
		}
		var err error
		if b, err = appendStatement(b, &steps[i], quoted, 0); err != nil {
			return b, err
		}
		b = append(b, '}')
	}
	b = append(b, ']')
	b = appendIndex(b, index)
	return append(b, '}'), nil
}

// appendIndex appends the field for the replication index, unless it is 0.
func appendIndex(b []byte, index uint64) []byte {
	if index == 0 {
		return b
	}
	b = append(b, `,"replication_index":"`...)
	return append(strconv.AppendUint(b, index, 10), '"')
}

func appendCondition(b []byte, when Condition, before int) []byte {
	const open = `{"type":"not","cond":{"type":"is_autocommit"}}`
	switch when {
	case Never:
		b = append(b, `"condition":{"type":"or","conds":[]},`...)
	case AfterOK:
		b = append(b, `"condition":{"type":"ok","step":`...)
		b = strconv.AppendInt(b, int64(before), 10)
		b = append(b, `},`...)
	case InTransaction:
		b = append(b, `"condition":`+open+`,`...)
	case AfterOK | InTransaction:
		b = append(b, `"condition":{"type":"and","conds":[{"type":"ok","step":`...)
		b = strconv.AppendInt(b, int64(before), 10)
		b = append(b, `},`+open+`]},`...)
	}
	return b
}

// appendStatement appends a statement. quoted is its SQL as a JSON string, or nil. index is the
// replication index to wait for, or 0.
func appendStatement(b []byte, s *Step, quoted []byte, index uint64) ([]byte, error) {
	b = append(b, `{"sql":`...)
	if quoted != nil {
		b = append(b, quoted...)
	} else {
		b = engine.AppendJSON(b, s.SQL)
	}
	if len(s.Args) > 0 {
		var err error
		if b, err = appendArgs(b, s.Names, s.Args); err != nil {
			return b, err
		}
	}
	if !s.Rows {
		b = append(b, `,"want_rows":false`...)
	}
	b = appendIndex(b, index)
	return append(b, '}'), nil
}

// appendArgs appends the field for arguments by position, or with names.
func appendArgs(b []byte, names []string, args []driver.Value) ([]byte, error) {
	field := `,"args":[`
	if names != nil {
		field = `,"named_args":[`
	}
	b = append(b, field...)
	for i, arg := range args {
		if i > 0 {
			b = append(b, ',')
		}
		if names != nil {
			b = append(b, `{"name":`...)
			b = engine.AppendJSON(b, names[i])
			b = append(b, `,"value":`...)
		}
		var err error
		if b, err = appendValue(b, arg); err != nil {
			return b, err
		}
		if names != nil {
			b = append(b, '}')
		}
	}
	return append(b, ']'), nil
}

// appendValue appends an argument. The protocol sends integers as strings, to keep them exact.
// https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md#values
func appendValue(b []byte, arg driver.Value) ([]byte, error) {
	if err := checkArgument(arg); err != nil {
		return b, err
	}
	switch arg := arg.(type) {
	case int64:
		b = append(b, `{"type":"integer","value":"`...)
		b = strconv.AppendInt(b, arg, 10)
		return append(b, `"}`...), nil
	case float64:
		b = append(b, `{"type":"float","value":`...)
		b = strconv.AppendFloat(b, arg, 'g', -1, 64)
		return append(b, '}'), nil
	case string:
		b = append(b, `{"type":"text","value":`...)
		b = engine.AppendJSON(b, arg)
		return append(b, '}'), nil
	case []byte:
		if arg != nil {
			b = append(b, `{"type":"blob","base64":"`...)
			b = base64.RawStdEncoding.AppendEncode(b, arg)
			return append(b, `"}`...), nil
		}
	}
	return append(b, `{"type":"null"}`...), nil
}
