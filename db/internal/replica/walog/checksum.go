package walog

import (
	"fmt"
	"hash/crc64"
	"math/bits"

	"github.com/duolite/duolite/db/internal/replica/call"
)

// A Chain checks that frames continue one history. Each frame's checksum covers its page and the
// checksum of the frame before, so a primary that was restored from an older copy is recognized by
// its next frame, although it has the same log identifier and may have the same frame numbers. The
// checksum doesn't cover a frame's header.
//
// A frame's own checksum says the same of the frames up to it: a log whose frame has the checksum that
// the replica has of it has the replica's history.
//
// The frames of a snapshot don't follow each other, so they can't be checked. After a snapshot, the
// checksum of its first frame, which has the highest number, is the Sum to go on from.
type Chain struct {
	// Sum is the checksum of the last frame; 0 is right before the first frame of a log.
	Sum uint64
}

var crcTable = crc64.MakeTable(crc64.ISO)

// Extend checks the frame that follows the last one, and moves to it. The error is
// [ErrDiverged]; the chain then remains as it is.
func (c *Chain) Extend(f *Frame) error {
	// After each compaction of its log the server begins a new chain.
	if f.Checksum != next(c.Sum, f.Data) && f.Checksum != next(0, f.Data) {
		return call.Failure(ErrDiverged, fmt.Sprintf("frame %d of the server's log doesn't continue the replica's history", f.No), nil)
	}
	c.Sum = f.Checksum
	return nil
}

// next returns the checksum of a frame from its page and the checksum of the frame before, which
// the server uses as the initial value of a CRC-64: its bits have the opposite order there.
func next(sum uint64, page []byte) uint64 {
	return crc64.Update(^bits.Reverse64(sum), crcTable, page)
}
