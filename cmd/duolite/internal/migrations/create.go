package migrations

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/duolite/duolite/cmd/duolite/internal/usage"
)

const (
	// defaultWidth is the number of digits in a folder without migrations.
	defaultWidth = 5
	// timeWidth is the number of digits of a time, 20060102150405.
	timeWidth = len(timeNumber)
	// timeNumber is the layout of a number that is a time.
	timeNumber = "20060102150405"
)

// Create writes an empty migration with the next number to a folder, and returns its path. The number has
// the width of the newest file. If the files are numbered by time, it is the time now, in UTC. The folder
// is made if it doesn't exist.
func Create(folder, name string, now time.Time) (string, error) {
	name = strings.Join(strings.Fields(name), "_")
	if name == "" || strings.ContainsFunc(name, notInName) {
		return "", usage.Errorf("the name of a migration has letters, digits, _ and -; %q has others", name)
	}
	number, err := nextNumber(folder, now)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return "", err
	}
	path := filepath.Join(folder, number+"_"+name+".sql")
	return path, WriteNew(path, "-- +goose Up\n\n-- +goose Down\n")
}

func notInName(r rune) bool {
	return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' || r == '-')
}

// nextNumber returns the number after the highest one in a folder.
func nextNumber(folder string, now time.Time) (string, error) {
	byNumber, err := Numbered(folder)
	if err != nil {
		return "", err
	}
	width, highest := defaultWidth, int64(0)
	for number, name := range byNumber {
		if number > highest {
			highest, width = number, strings.IndexByte(name, '_')
		}
	}
	next := highest + 1
	if at, err := strconv.ParseInt(now.UTC().Format(timeNumber), 10, 64); err == nil && width == timeWidth {
		next = max(next, at)
	}
	return fmt.Sprintf("%0*d", width, next), nil
}

// WriteNew writes a file that doesn't exist yet, or nothing.
func WriteNew(path, text string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	if err = errors.Join(err, file.Close()); err != nil {
		os.Remove(path)
	}
	return err
}
