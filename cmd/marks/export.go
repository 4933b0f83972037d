package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/duolite/duolite/cmd/marks/internal/netscape"
	"github.com/spf13/cobra"
)

func (a *app) exportCmd() *cobra.Command {
	format := string(formatJSON)
	var file string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write all bookmarks, for a browser or as a backup",
		Long: `Write all bookmarks to standard output or to a file. JSON and NDJSON hold everything,
attachments included, and marks import reads them. HTML is what browsers import; it
has no place for attachments, metadata, and whether a bookmark is archived.`,
		Example: "  marks export -o backup.json\n  marks export --format html > bookmarks.html",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !slices.Contains([]fileFormat{formatHTML, formatJSON, formatNDJSON}, fileFormat(format)) {
				return usageError{fmt.Sprintf("--format %q: want html, json or ndjson", format), cmd.CommandPath()}
			}
			return a.export(cmd.Context(), fileFormat(format), file)
		},
	}
	cmd.Flags().StringVar(&format, "format", format, "html, json or ndjson")
	cmd.Flags().StringVarP(&file, "output", "o", "", "the file to write; one that there is is replaced when all is written")
	return cmd
}

func (a *app) export(ctx context.Context, format fileFormat, file string) error {
	n := 0
	write := func(w io.Writer) error {
		buffered := bufio.NewWriter(w)
		sink := newSink(format, buffered)
		err := a.withPool(ctx, func(pool *sql.DB) error {
			return eachBookmark(ctx, pool, format != formatHTML, func(b bookmark) error {
				err := sink.write(b)
				var unfit *netscape.BookmarkError
				if errors.As(err, &unfit) {
					a.say("left out: %v", unfit)
					return nil
				}
				n++
				return err
			})
		})
		if err != nil {
			return err
		}
		if err := sink.close(); err != nil {
			return err
		}
		return buffered.Flush()
	}
	if file == "" {
		return write(a.stdout)
	}
	if err := replaceFile(file, write); err != nil {
		return err
	}
	a.say("%d bookmarks written to %s", n, file)
	return nil
}

// A sink writes bookmarks in a format.
type sink struct {
	write func(bookmark) error
	close func() error
}

func newSink(format fileFormat, w io.Writer) sink {
	switch format {
	case formatHTML:
		encoder := netscape.NewEncoder(w)
		return sink{
			func(b bookmark) error { return encoder.Encode(entryOf(b)) },
			encoder.Close,
		}
	case formatNDJSON:
		encoder := newJSONEncoder(w)
		return sink{
			func(b bookmark) error { return encoder.Encode(b) },
			func() error { return nil },
		}
	default:
		return newArraySink(w)
	}
}

// newArraySink returns a sink that writes a JSON array. It holds one element in memory.
func newArraySink(w io.Writer) sink {
	separator := "["
	encoder := newJSONEncoder(w)
	return sink{
		func(b bookmark) error {
			if _, err := io.WriteString(w, separator+"\n"); err != nil {
				return err
			}
			separator = ","
			return encoder.Encode(b)
		},
		func() error {
			if separator == "[" {
				_, err := io.WriteString(w, "[]\n")
				return err
			}
			_, err := io.WriteString(w, "]\n")
			return err
		},
	}
}

func newJSONEncoder(w io.Writer) *json.Encoder {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder
}

// marshal returns v as JSON. It doesn't escape & < >, because metadata is stored in the form
// that the JSON text has.
func marshal(v any) []byte {
	var b bytes.Buffer
	if err := newJSONEncoder(&b).Encode(v); err != nil {
		panic(fmt.Sprintf("what was read can't be written: %v", err))
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func entryOf(b bookmark) netscape.Bookmark {
	entry := netscape.Bookmark{
		URL: b.URL, Title: b.Title, Notes: b.Notes, Tags: b.Tags,
		Added: dated(b.CreatedAt.Time), Modified: dated(b.UpdatedAt.Time),
	}
	if b.VisitedAt != nil {
		entry.Visited = dated(b.VisitedAt.Time)
	}
	return entry
}

// dated returns t, or the zero time if the format can't represent t.
func dated(t time.Time) time.Time {
	if t.Unix() <= 0 {
		return time.Time{}
	}
	return t
}

// replaceFile writes a temporary file in the same folder, and renames it to path when it is
// complete. An error of write is returned unchanged.
func replaceFile(path string, write func(io.Writer) error) (err error) {
	temp, err := os.CreateTemp(filepath.Dir(path), ".marks-*")
	if err != nil {
		return fileError(path, err)
	}
	defer func() {
		if err != nil {
			temp.Close()
			os.Remove(temp.Name())
		}
	}()
	if err := write(temp); err != nil {
		return err
	}
	if err := temp.Close(); err != nil {
		return fileError(path, err)
	}
	return fileError(path, os.Rename(temp.Name(), path))
}
