package main

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"io"
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
		return badInput("%s has more than %s", f.Name, byteCount(maxAttachment))
	}
	if f.Data == nil {
		f.Data = []byte{} // an empty file; nil would be stored as NULL
	}
	return checkTime("the attachment's created_at", f.CreatedAt)
}

func byteCount(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}

func (a *app) attachCmd() *cobra.Command {
	var name, mimeType string
	cmd := &cobra.Command{
		Use:     "attach ID|URL FILE",
		Short:   "Keep a file with a bookmark; one of the same name is replaced",
		Example: "  marks attach 12 paper.pdf",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := readAttachment(args[1], name, mimeType)
			if err != nil {
				return err
			}
			ctx := cmd.Context()
			_, err = onBookmark(ctx, a, db.InTx, args[0], func(q *dbsqlc.Queries, id int64) (dbsqlc.SaveAttachmentRow, error) {
				return q.SaveAttachment(ctx, dbsqlc.SaveAttachmentParams{
					BookmarkID: id, Name: f.Name, MIMEType: f.MIMEType, Data: f.Data, CreatedAt: f.CreatedAt,
				})
			})
			return err
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "the name to keep it under; the file's by default")
	cmd.Flags().StringVar(&mimeType, "type", "", "its MIME type; by default told from the name, or else the content")
	return cmd
}

func readAttachment(path, name, mimeType string) (f attachment, err error) {
	file, err := os.Open(path)
	if err != nil {
		return f, fileError(path, err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxAttachment+1)) // one byte more is refused
	if err != nil {
		return f, fileError(path, err)
	}
	f = attachment{
		Name:      cmp.Or(name, filepath.Base(path)),
		MIMEType:  cmp.Or(mimeType, mime.TypeByExtension(filepath.Ext(path)), http.DetectContentType(data)),
		CreatedAt: dbtype.Now(),
		Data:      data,
	}
	return f, f.clean()
}

func (a *app) detachCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "detach ID|URL NAME",
		Short: "Remove a file from a bookmark",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			n, err := onBookmark(ctx, a, db.InTx, args[0], func(q *dbsqlc.Queries, id int64) (int64, error) {
				return q.DeleteAttachment(ctx, dbsqlc.DeleteAttachmentParams{BookmarkID: id, Name: args[1]})
			})
			if err == nil && n == 0 {
				return noAttachment(args)
			}
			return err
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
			file, err := onBookmark(ctx, a, db.InReadTx, args[0], func(q *dbsqlc.Queries, id int64) (dbsqlc.Attachment, error) {
				return q.GetAttachment(ctx, dbsqlc.GetAttachmentParams{BookmarkID: id, Name: args[1]})
			})
			if errors.Is(err, sql.ErrNoRows) {
				return noAttachment(args)
			}
			if err == nil {
				_, err = os.Stdout.Write(file.Data)
			}
			return err
		},
	}
}

func noAttachment(args []string) error {
	return notFound("bookmark %s has no attachment %q", args[0], args[1])
}
