package localfile

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// A server may name its states by revisions, which are text of its own form. The first page has room
// for a part of a hash. The text is in a second file beside the replica, which has two lines: the
// revision before a transaction, and the one after it. It is written before the transaction is
// committed, and by its writer alone, so one of the lines belongs to the replica's content after a
// crash at any moment. After a power failure, which may undo commits, none may. The replica then has
// content of an unknown revision.

const (
	// revisionSuffix is the end of the name of the second file.
	revisionSuffix = "-replica"
	// maxRevision is the longest revision, in bytes.
	maxRevision = 256
)

// A revisionHash is a part of the hash of a revision. It is zero for positions of another form.
type revisionHash [13]byte

func hashOf(revision string) revisionHash {
	sum := sha256.Sum256([]byte(revision))
	return revisionHash(sum[:])
}

// AtRevision returns the position of a replica that has the pages of a revision, which is one line of
// 1 to 256 bytes.
func AtRevision(history History, revision string) Position {
	return Position{History: history, Revision: revision, hash: hashOf(revision)}
}

// HasRevision reports whether the position was made by [AtRevision].
func (pos Position) HasRevision() bool { return pos.hash != revisionHash{} }

// findRevision completes a position from the first page with the text of its revision.
func (f *File) findRevision(pos Position) (Position, error) {
	if !pos.HasRevision() {
		return pos, nil
	}
	text, err := os.ReadFile(f.real + revisionSuffix)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return Position{}, err
	}
	for line := range bytes.Lines(text) {
		if line := strings.TrimSuffix(string(line), "\n"); hashOf(line) == pos.hash {
			pos.Revision = line
		}
	}
	return pos, nil
}

// keepRevision writes the second file, before the first page with the new position is committed.
func (f *File) keepRevision(before, after Position) error {
	if !after.HasRevision() {
		return nil
	}
	if n := len(after.Revision); n == 0 || n > maxRevision || strings.ContainsAny(after.Revision, "\r\n") {
		return errors.New("the revision has no text, or more than a line of 256 bytes")
	}
	info, err := os.Stat(f.real)
	if err != nil {
		return err
	}
	return replaceFile(f.real+revisionSuffix, before.Revision+"\n"+after.Revision+"\n", info.Mode().Perm())
}

// realPath returns the path without links, by which SQLite names its log.
func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(path)
}

// replaceFile writes a file so that a crash leaves either the former content or the new one.
func replaceFile(name, content string, mode os.FileMode) error {
	temporary, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.WriteString(content)
	err = errors.Join(err, temporary.Chmod(mode), temporary.Sync(), temporary.Close())
	if err != nil {
		return err
	}
	return os.Rename(temporary.Name(), name)
}

// Size returns the number of the file's pages.
func (f *File) Size(ctx context.Context) (uint32, error) {
	value, err := f.value(ctx, pageCount)
	n, _ := value.(int64)
	return uint32(n), err
}
