package localfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
)

// A Position says which pages a replica has. It has either a Next or a revision.
type Position struct {
	// History identifies the primary's history. Positions of different histories can't be
	// compared.
	History History
	// Epoch is another number for each content that didn't come about by the frames after the one
	// before it. A file begins with 0.
	Epoch uint8
	// Next is the number of the first frame that the replica doesn't have, below 2^40.
	Next uint64
	// Checksum is the checksum of the last frame that the replica has, or 0.
	Checksum uint64
	// Revision is the name of the primary's state, or "" if there is none or if it is unknown; see
	// [AtRevision] and [Position.HasRevision].
	Revision string

	hash revisionHash // of Revision, also if that is unknown
}

// A History is a part of a hash of the name of a primary's log.
type History [5]byte

// HistoryOf returns the history of a log of a namespace.
func HistoryOf(logID, namespace string) History {
	sum := sha256.Sum256([]byte(logID + "\x00" + namespace))
	return History(sum[:])
}

// The place of a position in the first page: one byte each for the form and Epoch, then 5 for Next and 8
// for Checksum, or 13 for the hash of the revision, and 5 for History, all big-endian.
const (
	positionAt   = 72
	positionSize = 20
	revisionAt   = 2
	historyAt    = 15
	// frames is the form of a position in the frames of a primary's log.
	frames = 1
	// revisions is the form of a position at a revision of the primary.
	revisions = 2
)

// readPosition returns the position in a first page. ok is false if there is none.
func readPosition(page []byte) (pos Position, ok bool) {
	p := page[positionAt : positionAt+positionSize]
	pos.History, pos.Epoch = History(p[historyAt:]), p[1]
	switch p[0] {
	case revisions:
		pos.hash = revisionHash(p[revisionAt:])
		return pos, pos.HasRevision()
	case frames:
	default:
		return Position{}, false
	}
	pos.Next = uint64(p[2])<<32 | uint64(binary.BigEndian.Uint32(p[3:]))
	pos.Checksum = binary.BigEndian.Uint64(p[7:])
	return pos, true
}

// write writes the position into a first page.
func (pos Position) write(page []byte) {
	p := page[positionAt : positionAt+positionSize]
	clear(p)
	p[1] = pos.Epoch
	copy(p[historyAt:], pos.History[:])
	if pos.HasRevision() {
		p[0] = revisions
		copy(p[revisionAt:], pos.hash[:])
		return
	}
	p[0] = frames
	p[2] = byte(pos.Next >> 32)
	binary.BigEndian.PutUint32(p[3:], uint32(pos.Next))
	binary.BigEndian.PutUint64(p[7:], pos.Checksum)
}

// hasRoom reports whether a primary's first page has only zeros in place of the position.
func hasRoom(page []byte) bool {
	return bytes.Equal(page[positionAt:positionAt+positionSize], make([]byte, positionSize))
}

// schemaVersion returns the file's version of the schema for the primary's version. Connections keep
// their schema and their compiled statements while the version stays, even if they have slept through
// all versions between. So no version of one epoch is one of another epoch, unless a schema has been
// changed millions of times.
func (pos Position) schemaVersion(primary uint32) uint32 {
	const apart = 0x9e3779b1 // the golden ratio, whose multiples lie far from each other
	return primary + apart*uint32(pos.Epoch)
}

// emptyPage returns the first page of an empty database.
// https://sqlite.org/fileformat2.html, sections 1.3 and 1.6
func emptyPage(page []byte) []byte {
	const (
		freelistAt, freelistSize = 32, 8
		userVersionAt            = 60
		headerSize               = 100
		leafOfTable              = 0x0d
	)
	empty := make([]byte, PageSize)
	copy(empty, page[:headerSize])
	binary.BigEndian.PutUint32(empty[28:], 1) // pages
	clear(empty[freelistAt : freelistAt+freelistSize])
	clear(empty[schemaVersionAt : schemaVersionAt+4])
	clear(empty[userVersionAt : userVersionAt+4])
	clear(empty[68 : positionAt+positionSize]) // the application's id, and the position
	empty[headerSize] = leafOfTable
	binary.BigEndian.PutUint16(empty[headerSize+5:], PageSize) // where its content starts
	return empty
}
