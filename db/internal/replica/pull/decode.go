package pull

import (
	"errors"
	"regexp"

	"github.com/duolite/duolite/db/internal/proto"
	"github.com/duolite/duolite/db/internal/replica/call"
)

// maxPages is the largest number of pages of a database. https://sqlite.org/limits.html
const maxPages = 1<<32 - 2

var (
	errRevision = errors.New("the revision is missing or malformed")
	errSize     = errors.New("the database has more pages than SQLite allows")
	errEncoding = errors.New("the pages are compressed, although raw ones were asked for")
	errMode     = errors.New("the answer is of an unknown kind")
	errNumber   = errors.New("a page has a number that no database has")
	errPageSize = errors.New("a page has another size than the protocol's")
)

// validRevision matches a revision that can be kept on a line of a file. Known servers send a number.
var validRevision = regexp.MustCompile(`^[!-~]{1,256}$`)

// A header is a PullUpdatesResp.
type header struct {
	revision string
	size     uint64
	replace  bool // the answer has the whole database
	mvcc     bool
}

// decodeHeader reads a PullUpdatesResp. Its enums are: stream_kind (pages, log of MVCC), apply_mode
// (incremental, replace) and protocol (unspecified, pages, MVCC). A field that the server leaves out
// has the first value. A kind that doesn't exist yet is an error.
func decodeHeader(message []byte) (h header, err error) {
	var kind, mode, protocol uint64
	var raw, compressed bool
	err = proto.Each(message, func(f proto.Field) {
		switch {
		case f.Num == 1 && f.Wire == proto.Bytes:
			h.revision = string(f.Bytes)
		case f.Num == 2 && f.Wire == proto.Varint:
			h.size = f.Value
		case f.Num == 3 && f.Wire == proto.Bytes:
			raw = true
		case f.Num == 4 && f.Wire == proto.Bytes:
			compressed = true
		case f.Num == 5 && f.Wire == proto.Varint:
			kind = f.Value
		case f.Num == 6 && f.Wire == proto.Varint:
			mode = f.Value
		case f.Num == 7 && f.Wire == proto.Bytes:
			h.mvcc = true
		case f.Num == 8 && f.Wire == proto.Varint:
			protocol = f.Value
		}
	})
	h.replace = mode == 1
	h.mvcc = h.mvcc || kind == 1 || protocol == 2
	switch {
	case err != nil:
	case !validRevision.MatchString(h.revision):
		err = errRevision
	case h.size > maxPages:
		err = errSize
	case kind > 1 || mode > 1 || protocol > 2:
		err = errMode
	case !h.mvcc && (compressed || !raw):
		err = errEncoding
	}
	return h, err
}

// mvcc reports whether the page is the first one of a database with MVCC. Turso marks it by a version of
// the file format that SQLite doesn't have. https://sqlite.org/fileformat2.html, section 1.3.3
func (p *Page) mvcc() bool {
	const versionAt, wal = 18, 2
	return p.Number == 1 && (p.Data[versionAt] > wal || p.Data[versionAt+1] > wal)
}

// decode reads a PageData, whose page_id is one less than the number of the page. Data remains a part
// of the message. The error is typed.
func (p *Page) decode(message []byte) error {
	id := uint64(0)
	p.Data = nil
	err := proto.Each(message, func(f proto.Field) {
		switch {
		case f.Num == 1 && f.Wire == proto.Varint:
			id = f.Value
		case f.Num == 2 && f.Wire == proto.Bytes:
			p.Data = f.Bytes
		}
	})
	switch {
	case err != nil:
	case id >= maxPages:
		err = errNumber
	case len(p.Data) != PageSize:
		err = errPageSize
	}
	if err != nil {
		return call.Malformed(err.Error())
	}
	p.Number = uint32(id) + 1
	if p.mvcc() {
		return refused(ErrMVCC)
	}
	return nil
}
