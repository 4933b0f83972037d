package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// A stream is a Hrana stream, identified by its baton.
type stream struct {
	url       string
	transport *http.Transport
	baton     string
	out, in   bytes.Buffer
}

// begin begins a request.
func (s *stream) begin() {
	s.out.Reset()
	s.out.WriteByte('{')
	if s.baton != "" {
		s.text(`"baton":"` + s.baton + `",`)
	}
	s.text(`"requests":[`)
}

func (s *stream) text(part string) { s.out.WriteString(part) }

// execute adds a statement to the request. The statement and text arguments must need no
// escapes.
func (s *stream) execute(sql string, rows bool, args ...any) {
	s.text(`{"type":"execute","stmt":{"sql":"` + sql + `","args":[`)
	s.args(args...)
	if rows {
		s.text(`]}},`)
	} else {
		s.text(`],"want_rows":false}},`)
	}
}

func (s *stream) args(args ...any) {
	var number [32]byte
	for i, arg := range args {
		if i > 0 {
			s.out.WriteByte(',')
		}
		switch arg := arg.(type) {
		case int64:
			s.text(`{"type":"integer","value":"`)
			s.out.Write(strconv.AppendInt(number[:0], arg, 10))
			s.text(`"}`)
		case float64:
			s.text(`{"type":"float","value":`)
			s.out.Write(strconv.AppendFloat(number[:0], arg, 'g', -1, 64))
			s.text(`}`)
		case string:
			s.text(`{"type":"text","value":"`)
			s.text(arg)
			s.text(`"}`)
		case *string:
			s.text(`{"type":"text","value":"`)
			s.text(*arg)
			s.text(`"}`)
		}
	}
}

// send sends the request and returns the results.
func (s *stream) send(ctx context.Context) (*reply, error) {
	s.out.Truncate(s.out.Len() - 1) // remove the last comma
	s.text(`]}`)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(s.out.Bytes()))
	if err != nil {
		return nil, err
	}
	resp, err := s.transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	s.in.Reset()
	if _, err := s.in.ReadFrom(resp.Body); err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d: %s", resp.StatusCode, s.in.Bytes())
	}
	return s.read()
}

// read checks for an error, and reads the reply up to the rows.
func (s *stream) read() (*reply, error) {
	body := s.in.Bytes()
	head, results, found := bytes.Cut(body, []byte(`"results":[`))
	if !found {
		return nil, errors.New("no results")
	}
	s.baton = ""
	if _, rest, found := bytes.Cut(head, []byte(`"baton":"`)); found {
		baton, _, _ := bytes.Cut(rest, []byte(`"`))
		s.baton = string(baton)
	}
	_, steps, _ := bytes.Cut(results, []byte(`"step_errors":[`))
	if bytes.HasPrefix(results, []byte(`{"type":"error"`)) || bytes.Contains(steps, []byte(`"message"`)) {
		return nil, fmt.Errorf("an error: %.200s", results)
	}
	return &reply{data: results}, nil
}

func (s *stream) close() error {
	if s.baton == "" {
		return nil
	}
	s.begin()
	s.text(`{"type":"close"},`)
	_, err := s.send(context.Background())
	if err == io.EOF {
		err = nil
	}
	return err
}
