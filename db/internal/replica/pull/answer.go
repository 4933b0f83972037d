package pull

import (
	"bufio"
	"io"
	"iter"

	"github.com/duolite/duolite/db/internal/proto"
	"github.com/duolite/duolite/db/internal/replica/call"
)

// lockPage is the page at 1 GiB, on which SQLite takes its locks. It has no content.
// https://sqlite.org/fileformat2.html, section 1.3
const lockPage = 1<<30/PageSize + 1

// An Answer is an answer to [Client.Pull], of which the first message has arrived.
type Answer struct {
	// Revision is the server's revision with these pages, to ask for later changes. It is
	// printable and has no more than 256 bytes.
	Revision string
	// Size is the size of the database in pages.
	Size uint32
	// Whole reports whether the answer has all pages of the database.
	Whole bool

	reply *call.Answer
	body  *bufio.Reader
	since string // the revision of the request
	pages uint32 // the replica's pages, which the answer need not have
}

const (
	// bufferSize is the memory of an answer, which holds some 15 pages.
	bufferSize = 64 << 10
	// maxMessage is the longest message that is read. A page has some 4.1 KB.
	maxMessage = bufferSize
)

func newAnswer(reply *call.Answer, since string, pages uint32) *Answer {
	return &Answer{reply: reply, body: bufio.NewReaderSize(reply, bufferSize), since: since, pages: pages}
}

// Close ends the request.
func (a *Answer) Close() { a.reply.Close() }

// start reads the first message.
func (a *Answer) start() error {
	if !a.reply.Delimited() || a.reply.Header().Get("Content-Encoding") != "" {
		return call.Malformed("HTTP doesn't tell where the answer ends, or a proxy has compressed it")
	}
	message, err := a.next()
	if err == io.EOF {
		return call.Malformed("the answer is empty")
	}
	if err != nil {
		return err
	}
	h, err := decodeHeader(message)
	if err != nil {
		return call.Malformed(err.Error())
	}
	if h.mvcc {
		return refused(ErrMVCC)
	}
	a.Revision, a.Size, a.Whole = h.revision, uint32(h.size), h.replace || a.since == Whole
	if a.Whole {
		a.pages = 0
	}
	switch {
	case !a.Whole && order(a.since, a.Revision) == back:
		return diverged("it went back")
	case a.Size == 0:
		return refused(ErrEmpty)
	}
	return nil
}

// A Page is a page of a database.
type Page struct {
	// Number is the number of the page; the first page of a database is 1.
	Number uint32
	// Data is the page, of PageSize bytes. It is valid until the next page is read.
	Data []byte
}

// Pages returns the pages in no order. They may be applied only if the loop ends without an error. An
// error is the last element, with a nil page. The loop gets the same *Page each time.
func (a *Answer) Pages() iter.Seq2[*Page, error] {
	return func(yield func(*Page, error) bool) {
		var p Page
		var added pageSet
		count := 0
		for {
			message, err := a.next()
			if err == io.EOF {
				if err = a.complete(count, &added); err == nil {
					return
				}
			}
			if err == nil {
				err = p.decode(message)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			count++
			if p.Number > a.Size || p.Number == lockPage {
				continue // the database had the page between the two revisions
			}
			if p.Number > a.pages {
				added.add(p.Number)
			}
			if !yield(&p, nil) {
				return
			}
		}
	}
}

// complete returns an error if the answer isn't complete: if a page of the database is neither in the
// answer nor in the replica, or if there are pages without a new revision, or the reverse.
func (a *Answer) complete(count int, added *pageSet) error {
	want := int64(a.Size) - int64(a.pages)
	if a.pages < lockPage && a.Size >= lockPage {
		want--
	}
	switch is := order(a.since, a.Revision); {
	case int64(added.len) < want:
		return refused(ErrIncomplete)
	case a.Whole:
		return nil
	case is == same && count > 0:
		return call.Malformed("pages have changed, and the revision hasn't")
	case is == unknown && count == 0:
		return diverged("nothing has changed, and the revision is another one")
	}
	return nil
}

// next returns the next message, which is valid until the next call, or [io.EOF].
func (a *Answer) next() ([]byte, error) {
	message, err := proto.ReadDelimited(a.body, maxMessage)
	switch err {
	case nil, io.EOF:
	case proto.ErrSyntax, proto.ErrTooLong:
		err = call.Malformed(err.Error())
	default:
		err = a.reply.Lost(err)
	}
	return message, err
}
