package main

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/duolite/duolite/bench/dbsqlc"
)

// A reply contains the results of a request. Only the values that the workloads need are
// parsed.
type reply struct {
	data []byte
	pos  int
}

var errReply = errors.New("the reply is not what was expected")

// rows moves to the first row.
func (r *reply) rows() error {
	at := bytes.Index(r.data[r.pos:], []byte(`"rows":[[`))
	if at < 0 {
		return errReply
	}
	r.pos += at + len(`"rows":[`)
	return nil
}

// value reads a value as text without quotes. It returns false for NULL.
func (r *reply) value() ([]byte, bool) {
	rest := r.data[r.pos:]
	end := bytes.IndexByte(rest, '}') // no text of the workloads contains one
	if end < 0 {
		return nil, false
	}
	r.pos += end + 2 // after the comma or bracket
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
	r.pos++ // after the bracket
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
