package walog

import (
	"context"
	"io"
	"iter"
	"math"

	"github.com/duolite/duolite/db/internal/replica/call"
)

// Follow as the end of [Client.Entries] makes it wait for frames without end.
const Follow uint64 = math.MaxUint64

// The methods that return frames.
const (
	logEntries = "LogEntries"
	snapshot   = "Snapshot"
)

// Entries returns the frames of the log from the number next on, without a gap. Each loop over them
// sends a request. The loop ends with the first commit frame after which the next number isn't below
// end, and sends nothing if next isn't. Until then it waits for frames to be committed. An error is
// the last element, with a nil frame. The loop gets the same *Frame each time.
func (c *Client) Entries(ctx context.Context, s *Session, next, end uint64) iter.Seq2[*Frame, error] {
	return func(yield func(*Frame, error) bool) {
		if next >= end {
			return
		}
		number := next
		for f, err := range c.frames(ctx, logEntries, s, next) {
			if err == nil && f.No != number {
				err = call.Malformed("the frames of the log are not consecutive")
			}
			if err != nil {
				yield(nil, err)
				return
			}
			number++
			last := f.Commit() && number >= end
			if !yield(f, nil) || last {
				return
			}
		}
		// The server ends the answer without an error if its configuration changes.
		yield(nil, call.Failure(ErrNeedHello, "the server has ended the stream of its log", nil))
	}
}

// Snapshot returns the latest version of each page that has changed since the frame with the number
// next, up to some commit. The numbers decrease. The first frame has the highest number: the log goes
// on with the number after it, and its checksum. The last frame is the commit frame. Pages beyond its
// SizeAfter no longer exist. All of it is one transaction, which is complete if the loop ends without
// an error. An error is the last element, with a nil frame. The loop gets the same *Frame each time.
func (c *Client) Snapshot(ctx context.Context, s *Session, next uint64) iter.Seq2[*Frame, error] {
	return func(yield func(*Frame, error) bool) {
		before, whole := uint64(math.MaxUint64), false
		for f, err := range c.frames(ctx, snapshot, s, next) {
			if err == nil && (whole || f.No >= before || f.No < next) {
				err = call.Malformed("the frames of the snapshot are not in order")
			}
			if err != nil {
				yield(nil, err)
				return
			}
			before, whole = f.No, f.Commit()
			if !yield(f, nil) {
				return
			}
		}
		if !whole {
			yield(nil, call.Malformed("the snapshot has no commit frame"))
		}
	}
}

// frames returns the frames of an answer, and an error as the last element unless the server ends
// the answer with the status OK.
func (c *Client) frames(ctx context.Context, method string, s *Session, next uint64) iter.Seq2[*Frame, error] {
	return func(yield func(*Frame, error) bool) {
		a, err := c.post(ctx, method, s, uintMessage(next))
		if err != nil {
			yield(nil, err)
			return
		}
		defer a.reply.Close()
		if method == logEntries {
			a.reply.NoTimeout() // the next commit may come at any time
		}
		var f Frame
		for {
			message, err := a.next()
			if err == nil {
				if err = f.decode(message); err != nil {
					err = call.Malformed(err.Error())
				}
			}
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
			f.More = a.messages.more()
			if !yield(&f, nil) {
				return
			}
		}
	}
}
