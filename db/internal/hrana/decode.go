package hrana

// maxResults bounds the results of a reply: we send fewer requests.
const maxResults = 16

// A reply is the answer to a [request].
type reply struct {
	stream  streamState
	results []result
	room    [2]result // for results: most replies have no more
}

// A streamState is what a reply says of the stream.
type streamState struct {
	baton   string // "" if the server has closed it
	baseURL string // "" if it doesn't say
}

// A result is the answer to one request of a pipeline.
type result struct {
	kind string
	err  *replyError
	// statement is that of an execute.
	statement *statementResult
	// steps are those of a batch.
	steps []stepResult
	// autocommit is that of a get_autocommit, readOnly that of a describe.
	autocommit, readOnly bool
}

// A stepResult has neither if the step was skipped.
type stepResult struct {
	statement *statementResult
	err       *replyError
}

// A replyError is an error as the server tells it.
type replyError struct {
	message, code string
}

// decodeReply reads the answer of v3/pipeline, which has as many results as requested.
// https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md#execute-a-pipeline-of-requests-json
func decodeReply(data []byte, want int) (*reply, error) {
	return (&scanner{data: data}).reply(want)
}

func (s *scanner) reply(want int) (*reply, error) {
	r := &reply{}
	r.results = r.room[:0]
	err := s.object(func(key []byte) error {
		if string(key) == "results" {
			return s.array(func() error {
				if len(r.results) == maxResults {
					return errSyntax
				}
				one, err := s.result()
				r.results = append(r.results, one)
				return err
			})
		}
		return r.stream.field(s, key)
	})
	if err != nil {
		return nil, err
	}
	if err := s.end(); err != nil {
		return nil, err
	}
	if len(r.results) != want {
		return nil, errSyntax
	}
	return r, nil
}

// field reads a field of a reply, or skips it.
func (state *streamState) field(s *scanner, key []byte) (err error) {
	switch string(key) {
	case "baton":
		state.baton, err = s.optional()
	case "base_url":
		state.baseURL, err = s.optional()
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

// word reads a string that is one of the protocol's own, most likely.
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

// result reads one of the results, which has an error or a response.
func (s *scanner) result() (result, error) {
	var r result
	var kind string
	var has bool
	err := s.object(func(key []byte) (err error) {
		switch string(key) {
		case "type":
			kind, err = s.word()
		case "error":
			r.err, err = s.replyError()
		case "response":
			has = true
			err = s.response(&r)
		default:
			err = s.skip()
		}
		return err
	})
	switch {
	case err != nil:
		return r, err
	case kind == "ok" && has && r.err == nil, kind == "error" && r.err != nil && !has:
		return r, nil
	default:
		return r, errSyntax
	}
}

// replyError reads an error, or null.
func (s *scanner) replyError() (*replyError, error) {
	if s.literal("null") {
		return nil, nil
	}
	e := &replyError{}
	err := s.object(func(key []byte) (err error) {
		switch string(key) {
		case "message":
			e.message, err = s.optional()
		case "code":
			e.code, err = s.optional()
		default:
			err = s.skip()
		}
		return err
	})
	return e, err
}

// response reads a response: its fields may come before its type.
func (s *scanner) response(r *result) error {
	var hasAutocommit bool
	var found resultFields
	err := s.object(func(key []byte) (err error) {
		switch string(key) {
		case "type":
			r.kind, err = s.word()
		case "result":
			err = s.resultFields(&found)
		case "is_autocommit":
			hasAutocommit = true
			r.autocommit, err = s.bool()
		default:
			err = s.skip()
		}
		return err
	})
	if err != nil {
		return err
	}
	return found.fill(r, hasAutocommit)
}

// resultFields are the fields of a response's result, whichever of the kinds it is.
type resultFields struct {
	present     bool
	statement   *statementResult
	results     []*statementResult
	errors      []*replyError
	readOnly    bool
	hasReadOnly bool
}

// fill makes of the fields what the response's type says.
func (f *resultFields) fill(r *result, hasAutocommit bool) error {
	ok := true
	switch r.kind {
	case "execute":
		ok = f.present
		r.statement = f.statement
	case "batch":
		ok = f.present && len(f.results) == len(f.errors)
		if ok {
			r.steps = make([]stepResult, len(f.results))
			for i := range r.steps {
				r.steps[i] = stepResult{f.results[i], f.errors[i]}
			}
		}
	case "describe":
		ok = f.hasReadOnly
		r.readOnly = f.readOnly
	case "get_autocommit":
		ok = hasAutocommit
	}
	if !ok {
		return errSyntax
	}
	return nil
}

func (s *scanner) resultFields(f *resultFields) error {
	f.present = true
	f.statement = &statementResult{data: s.data}
	build := rowBuilder{result: f.statement, width: -1}
	err := s.object(func(key []byte) (err error) {
		switch string(key) {
		case "step_results":
			f.results, err = list(s, s.statementResult)
		case "step_errors":
			f.errors, err = list(s, s.replyError)
		case "is_readonly":
			f.hasReadOnly = true
			f.readOnly, err = s.bool()
		default:
			err = build.field(s, key)
		}
		return err
	})
	if err != nil {
		return err
	}
	return build.finish()
}

// list reads the results or errors of a batch's steps.
func list[T any](s *scanner, read func() (*T, error)) ([]*T, error) {
	var found []*T
	err := s.array(func() error {
		if len(found) > maxSteps {
			return errSyntax
		}
		one, err := read()
		found = append(found, one)
		return err
	})
	return found, err
}
