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
	// Next is the number of the first frame that the replica doesn't have, below 2^48.
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

// The place of a position in the first page: one byte for the form, and then 6 for Next, 8 for Checksum,
// and 5 for History, all big-endian, or one zero, 13 for the hash of the revision, and 5 for History.
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
	pos.History = History(p[historyAt:])
	switch p[0] {
	case revisions:
		pos.hash = revisionHash(p[revisionAt:])
		return pos, pos.HasRevision()
	case frames:
	default:
		return Position{}, false
	}
	pos.Next = uint64(binary.BigEndian.Uint16(p[1:]))<<32 | uint64(binary.BigEndian.Uint32(p[3:]))
	pos.Checksum = binary.BigEndian.Uint64(p[7:])
	return pos, true
}

// write writes the position into a first page.
func (pos Position) write(page []byte) {
	p := page[positionAt : positionAt+positionSize]
	clear(p)
	copy(p[historyAt:], pos.History[:])
	if pos.HasRevision() {
		p[0] = revisions
		copy(p[revisionAt:], pos.hash[:])
		return
	}
	p[0] = frames
	binary.BigEndian.PutUint16(p[1:], uint16(pos.Next>>32))
	binary.BigEndian.PutUint32(p[3:], uint32(pos.Next))
	binary.BigEndian.PutUint64(p[7:], pos.Checksum)
}

// hasRoom reports whether a primary's first page has only zeros in place of the position.
func hasRoom(page []byte) bool {
	return bytes.Equal(page[positionAt:positionAt+positionSize], make([]byte, positionSize))
}

// emptyPage returns the first page of an empty database, with another version of the schema than
// page has. https://sqlite.org/fileformat2.html, sections 1.3 and 1.6
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
	binary.BigEndian.PutUint32(empty[schemaVersionAt:], ^binary.BigEndian.Uint32(page[schemaVersionAt:]))
	clear(empty[userVersionAt : userVersionAt+4])
	clear(empty[68 : positionAt+positionSize]) // the application's id, and the position
	empty[headerSize] = leafOfTable
	binary.BigEndian.PutUint16(empty[headerSize+5:], PageSize) // where its content starts
	return empty
}
