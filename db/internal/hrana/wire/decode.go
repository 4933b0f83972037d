package wire

import "github.com/duolite/duolite/db/internal/engine"

const (
	// maxResults bounds the results of a reply. Requests ask for fewer.
	maxResults = 16
	// maxSteps bounds the steps of a batch in a reply. A batch may read the schema before each
	// step, and begin and end a transaction.
	maxSteps = 2*engine.MaxSteps + 4
)

// A Reply is the answer to a [Request].
type Reply struct {
	Stream StreamState
	// Results are in the order of the fields of [Request].
	Results []Result
	room    [2]Result // backs Results, which rarely has more
}

// A StreamState tells how to continue a stream.
type StreamState struct {
	Baton   string // "" if the server has closed the stream
	BaseURL string // "" if the URL stays the same
}

// A Result is one of the results of a reply.
type Result struct {
	kind string
	// Err is set if the server refused the request. The fields below are empty then.
	Err *Error
	// Statement is the result of a statement that isn't in a batch.
	Statement *StatementResult
	// Steps are the results of a batch, one for each step.
	Steps []StepResult
	// Index is the replication index after the statement or batch, or 0 if it isn't known.
	Index uint64
	// IndexLost is set if the server has refused to say the index.
	IndexLost bool
	// Autocommit answers Request.Autocommit: no transaction is open.
	Autocommit bool
	// ReadOnly answers Request.Describe: the statement doesn't write.
	ReadOnly bool
}

// A StepResult is the result of one step of a batch. Both fields are nil if the server skipped
// the step.
type StepResult struct {
	Statement *StatementResult
	Err       *Error
}

// Skipped reports whether the server skipped the step.
func (r *StepResult) Skipped() bool { return r.Statement == nil && r.Err == nil }

// An Error is an error as the server sent it.
type Error struct {
	Message, Code string
}

// DecodeReply implements [Codec].
func (jsonCodec) DecodeReply(data []byte, q *Request, columns *ColumnCache) (*Reply, error) {
	s := &scanner{data: data, cache: columns}
	r, err := s.reply(q.results())
	if err == nil {
		err = r.check(q)
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// DecodeStream implements [Codec].
func (jsonCodec) DecodeStream(line []byte) (StreamState, error) {
	var state StreamState
	s := &scanner{data: line}
	err := s.object(func(key []byte) error { return state.field(s, key) })
	return state, err
}

// DecodeError implements [Codec].
// https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md#errors-1
func (jsonCodec) DecodeError(body []byte) (Error, error) {
	var e Error
	var short string // of the other form of the body, {"error": …}
	s := &scanner{data: body}
	err := s.object(func(key []byte) (err error) {
		if string(key) == "error" {
			short, err = s.optional()
			return err
		}
		return e.field(s, key)
	})
	if e.Message == "" {
		e.Message = short
	}
	return e, err
}

// field reads a field of an error, and skips any other.
func (e *Error) field(s *scanner, key []byte) (err error) {
	switch string(key) {
	case "message":
		e.Message, err = s.optional()
	case "code":
		e.Code, err = s.optional()
	default:
		err = s.skip()
	}
	return err
}

// check compares the kinds of the results with the request.
func (r *Reply) check(q *Request) error {
	rest := r.Results
	next := func(kind string) bool {
		r := &rest[0]
		rest = rest[1:]
		return r.Err != nil || r.kind == kind
	}
	ok := true
	if q.Batch {
		steps := &rest[0]
		ok = next("batch") && (steps.Err != nil || len(steps.Steps) == len(q.Steps))
	} else if len(q.Steps) > 0 {
		ok = next("execute")
	}
	if q.Describe != "" {
		ok = ok && next("describe")
	}
	if q.Autocommit && ok {
		ok = rest[0].Err == nil && next("get_autocommit")
	}
	if !ok {
		return ErrSyntax
	}
	return nil
}

// reply reads a reply with want results.
func (s *scanner) reply(want int) (*Reply, error) {
	r := &Reply{}
	r.Results = r.room[:0]
	err := s.object(func(key []byte) error {
		if string(key) == "results" {
			return s.array(func() error {
				if len(r.Results) == maxResults {
					return ErrSyntax
				}
				one, err := s.result()
				r.Results = append(r.Results, one)
				return err
			})
		}
		return r.Stream.field(s, key)
	})
	if err != nil {
		return nil, err
	}
	if err := s.end(); err != nil {
		return nil, err
	}
	if len(r.Results) != want {
		return nil, ErrSyntax
	}
	return r, nil
}

// field reads a field of the stream's state, and skips any other.
func (state *StreamState) field(s *scanner, key []byte) (err error) {
	switch string(key) {
	case "baton":
		state.Baton, err = s.optional()
	case "base_url":
		state.BaseURL, err = s.optional()
	default:
		err = s.skip()
	}
	return err
}

// optional reads a string or null.
func (s *scanner) optional() (string, error) {
	if s.literal("null") {
		return "", nil
	}
	found, err := s.text()
	if err != nil {
		return "", err
	}
	return s.string(found)
}

// word reads a string. It makes no copy of the protocol's most frequent words.
func (s *scanner) word() (string, error) {
	found, err := s.text()
	if err != nil {
		return "", err
	}
	switch string(s.data[found.start:found.end]) {
	case "ok":
		return "ok", nil
	case "execute":
		return "execute", nil
	case "row":
		return "row", nil
	}
	return s.string(found)
}
