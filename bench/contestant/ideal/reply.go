package main

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/duolite/duolite/bench/dbsqlc"
)

// A reply is the results of a request, of which it is read what the workloads need.
type reply struct {
	data []byte
	pos  int
}

var errReply = errors.New("the reply is not what was expected")

// rows goes to the first row.
func (r *reply) rows() error {
	at := bytes.Index(r.data[r.pos:], []byte(`"rows":[[`))
	if at < 0 {
		return errReply
	}
	r.pos += at + len(`"rows":[`)
	return nil
}

// value reads a value as its text, without quotes, and reports whether it isn't NULL.
func (r *reply) value() ([]byte, bool) {
	rest := r.data[r.pos:]
	end := bytes.IndexByte(rest, '}') // no text of the workloads has one
	if end < 0 {
		return nil, false
	}
	r.pos += end + 2 // and the comma or bracket
	at := bytes.Index(rest[:end], []byte(`"value":`))
	if at < 0 {
		return nil, false
	}
	return bytes.Trim(rest[at+len(`"value":`):end], `"`), true
}

func (r *reply) int() int64 {
	text, _ := r.value()
	n, _ := strconv.ParseInt(string(text), 10, 64)
	return n
}

func (r *reply) bookmark() (b dbsqlc.Bookmark) {
	r.pos++ // the bracket
	b.ID = r.int()
	url, _ := r.value()
	title, _ := r.value()
	b.URL, b.Title = string(url), string(title)
	if notes, ok := r.value(); ok {
		b.Notes = new(string(notes))
	}
	b.Visits = r.int()
	score, _ := r.value()
	b.Score, _ = strconv.ParseFloat(string(score), 64)
	b.CreatedAt = r.int()
	return b
}

func (r *reply) one() (dbsqlc.Bookmark, error) {
	if err := r.rows(); err != nil {
		return dbsqlc.Bookmark{}, err
	}
	return r.bookmark(), nil
}

func (r *reply) all() (all []dbsqlc.Bookmark, err error) {
	if err := r.rows(); err != nil {
		return nil, err
	}
	for {
		all = append(all, r.bookmark())
		if r.pos >= len(r.data) || r.data[r.pos] != ',' {
			return all, nil
		}
		r.pos++
	}
}

func (r *reply) text() (string, error) {
	if err := r.rows(); err != nil {
		return "", err
	}
	text, _ := r.value()
	return string(text), nil
}
