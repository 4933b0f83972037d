package walog

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/duolite/duolite/db/internal/proto"
)

// PageSize is the size of a page in bytes. The server has no other one.
const PageSize = 4096

// headerSize is the size of a frame's header: four integers, little-endian.
const headerSize = 8 + 8 + 4 + 4

// A Frame is one page as a transaction has left it. A transaction is one or more frames, of which
// the last is the commit frame. If it has a page twice, the later frame counts.
type Frame struct {
	// No is the frame's number. The first frame of a log has the number 0, and there are no gaps.
	No uint64
	// Checksum is the checksum of the history up to this frame; see [Chain].
	Checksum uint64
	// Page is the number of the page; the first page of a database is 1.
	Page uint32
	// SizeAfter is the size of the database in pages after the commit, or 0 if the frame isn't
	// the commit frame.
	SizeAfter uint32
	// CommitTime is the time of the commit by the server's clock, in milliseconds, or the zero
	// time. sqld sends it with the commit frames of the latest 100 transactions since its start.
	CommitTime time.Time
	// Data is the page, of PageSize bytes. It is valid until the next frame is read.
	Data []byte
	// More reports whether the next message has arrived in this process, so that reading it
	// doesn't wait. It helps to apply several transactions at once.
	More bool
}

// Commit reports whether the frame is the last one of its transaction.
func (f *Frame) Commit() bool { return f.SizeAfter != 0 }

var (
	errFrameSize = errors.New("a frame has another size than the protocol's")
	errPageZero  = errors.New("a frame has the page number 0")
)

// decode reads a Frame. Data remains a part of the message.
func (f *Frame) decode(message []byte) error {
	*f = Frame{}
	var data []byte
	err := proto.Each(message, func(part proto.Field) {
		switch {
		case part.Num == 1 && part.Wire == proto.Bytes:
			data = part.Bytes
		case part.Num == 2 && part.Wire == proto.Varint:
			f.CommitTime = time.UnixMilli(int64(part.Value)).UTC()
		}
	})
	if err != nil {
		return err
	}
	if len(data) != headerSize+PageSize {
		return errFrameSize
	}
	f.No = binary.LittleEndian.Uint64(data)
	f.Checksum = binary.LittleEndian.Uint64(data[8:])
	f.Page = binary.LittleEndian.Uint32(data[16:])
	f.SizeAfter = binary.LittleEndian.Uint32(data[20:])
	f.Data = data[headerSize:]
	if f.Page == 0 {
		return errPageZero
	}
	return nil
}
