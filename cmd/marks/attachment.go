package main

import (
	"context"
	"database/sql"
	"errors"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/spf13/cobra"
)

const (
	maxAttachment     = 100 << 20 // bytes; a server takes less, see db.ErrTooBig
	maxAttachmentName = 255       // characters
)

// An attachment is a file kept with a bookmark. Only an export has Data.
type attachment struct {
	Name      string      `json:"name"`
	MIMEType  string      `json:"mime_type"`
	Size      int64       `json:"size"`
	CreatedAt dbtype.Time `json:"created_at"`
	Data      []byte      `json:"data,omitempty"`
}

func listAttachments(ctx context.Context, q *dbsqlc.Queries, id int64) ([]attachment, error) {
	rows, err := q.ListAttachments(ctx, id)
	files := make([]attachment, len(rows))
	for i, row := range rows {
		files[i] = attachment{Name: row.Name, MIMEType: row.MIMEType, Size: row.Size, CreatedAt: row.CreatedAt}
	}
	return files, err
}

// clean converts the attachment to the form in which it is saved. It returns an error if
// the attachment is invalid.
func (f *attachment) clean() error {
	if err := checkText("the attachment's name", f.Name, maxAttachmentName); err != nil {
		return err
	}
	if f.Name == "" || strings.ContainsAny(f.Name, `/\`) {
		return badInput("an attachment can't be named %q", f.Name)
	}
	if _, _, err := mime.ParseMediaType(f.MIMEType); err != nil || !strings.Contains(f.MIMEType, "/") {
		return badInput("%q is not a MIME type such as text/plain", f.MIMEType)
	}
	if len(f.Data) > maxAttachment {
		return badInput("%s has %s; %s are the most", f.Name, byteCount(int64(len(f.Data))), byteCount(maxAttachment))
	}
	if f.Data == nil {
		f.Data = []byte{} // an empty file; nil would be stored as NULL
	}
	return checkTime("the attachment's created_at", f.CreatedAt)
}

func saveAttachment(ctx context.Context, q *dbsqlc.Queries, bookmarkID int64, f attachment) error {
	_, err := q.SaveAttachment(ctx, dbsqlc.SaveAttachmentParams{
		BookmarkID: bookmarkID, Name: f.Name, MIMEType: f.MIMEType, Data: f.Data, CreatedAt: f.CreatedAt,
	})
	if errors.Is(err, db.ErrTooBig) {
		return badInput("%s has %s, more than the database takes (a libSQL server: 5,000,000 bytes)", f.Name, byteCount(int64(len(f.Data))))
	}
	return err
}

func (a *app) attachCmd() *cobra.Command {
	var name, mimeType string
	cmd := &cobra.Command{
		Use:     "attach ID|URL FILE",
		Short:   "Keep a file with a bookmark; one of the same name is replaced",
		Example: "  marks attach 12 paper.pdf",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.attach(cmd, args[0], args[1], name, mimeType)
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "the name to keep it under; the file's by default")
	cmd.Flags().StringVar(&mimeType, "type", "", "its MIME type; by default told from the name, or else the content")
	return cmd
}

func (a *app) attach(cmd *cobra.Command, key, path, name, mimeType string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fileError(path, err)
	}
	if info.Size() > maxAttachment {
		return badInput("%s has %s; %s are the most", path, byteCount(info.Size()), byteCount(maxAttachment))
	}
	data, err := readFile(path)
	if err != nil {
		return err
	}
	f := attachment{Name: name, MIMEType: mimeType, Data: data, CreatedAt: dbtype.Now()}
	if f.Name == "" {
		f.Name = filepath.Base(path)
	}
	if f.MIMEType == "" {
		f.MIMEType = mime.TypeByExtension(filepath.Ext(path))
	}
	if f.MIMEType == "" {
		f.MIMEType = http.DetectContentType(data)
	}
	if err := f.clean(); err != nil {
		return err
	}
	ctx := cmd.Context()
	return a.with(ctx, func(q *dbsqlc.Queries) error {
		b, err := find(ctx, q, key)
		if err != nil {
			return err
		}
		return saveAttachment(ctx, q, b.ID, f)
	})
}

func (a *app) detachCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "detach ID|URL NAME",
		Short: "Remove a file from a bookmark",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			return a.with(ctx, func(q *dbsqlc.Queries) error {
				b, err := find(ctx, q, args[0])
				if err != nil {
					return err
				}
				n, err := q.DeleteAttachment(ctx, dbsqlc.DeleteAttachmentParams{BookmarkID: b.ID, Name: args[1]})
				if err == nil && n == 0 {
					return notFound("bookmark %d has no attachment %q", b.ID, args[1])
				}
				return err
			})
		},
	}
}

func (a *app) catCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "cat ID|URL NAME",
		Short:   "Write a file that is kept with a bookmark to standard output",
		Example: "  marks cat 12 paper.pdf > paper.pdf",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			var data []byte
			err := a.with(ctx, func(q *dbsqlc.Queries) error {
				b, err := find(ctx, q, args[0])
				if err != nil {
					return err
				}
				row, err := q.GetAttachment(ctx, dbsqlc.GetAttachmentParams{BookmarkID: b.ID, Name: args[1]})
				if errors.Is(err, sql.ErrNoRows) {
					return notFound("bookmark %d has no attachment %q", b.ID, args[1])
				}
				data = row.Data
				return err
			})
			if err != nil {
				return err
			}
			_, err = a.stdout.Write(data)
			return err
		},
	}
}
