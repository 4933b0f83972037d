package pull

import (
	"io"
	"iter"

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

	reply    *call.Answer
	messages messages
	since    string // the revision of the request
	pages    uint32 // the replica's pages, which the answer need not have
}

func newAnswer(reply *call.Answer, since string, pages uint32) *Answer {
	return &Answer{reply: reply, messages: newMessages(reply), since: since, pages: pages}
}

// Close ends the request.
func (a *Answer) Close() { a.reply.Close() }

// start reads the first message.
func (a *Answer) start() error {
	if !a.reply.Delimited() || a.reply.Header().Get("Content-Encoding") != "" {
		return call.Malformed("HTTP doesn't tell where the answer ends, or a proxy has compressed it")
	}
	message, err := a.messages.next()
	if err == io.EOF {
		return call.Malformed("the answer is empty")
	}
	if err != nil {
		return a.convert(err)
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
			message, err := a.messages.next()
			if err == io.EOF {
				err = a.complete(count, &added)
				if err != nil {
					yield(nil, err)
				}
				return
			}
			if err != nil {
				yield(nil, a.convert(err))
				return
			}
			if err := p.decode(message); err != nil {
				yield(nil, call.Malformed(err.Error()))
				return
			}
			if p.mvcc() {
				yield(nil, refused(ErrMVCC))
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

// convert types an error of [messages.next].
func (a *Answer) convert(err error) error {
	if err == errLong || err == errLength {
		return call.Malformed(err.Error())
	}
	return a.reply.Lost(err)
}
