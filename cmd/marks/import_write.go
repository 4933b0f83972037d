package main

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/schollz/progressbar/v3"
)

type importResult struct {
	total, added, written int64 // bookmarks
	tagged                int64 // new pairs of a bookmark and a tag
}

func (r importResult) String() string {
	return fmt.Sprintf("%d bookmarks: %d new, %d changed, %d as they were; tags given: %d",
		r.total, r.added, r.written-r.added, r.total-r.written, r.tagged)
}

// importPart is the number of bookmarks in a part of an import.
const importPart = 5000

// importBookmarks saves bookmarks in bulk. The transaction holds the write lock from its first
// statement, so the result never counts bookmarks of another process.
func importBookmarks(ctx context.Context, tx *sql.Tx, bookmarks []bookmark, bar *progressbar.ProgressBar) (importResult, error) {
	r := importResult{total: int64(len(bookmarks))}
	q := dbsqlc.New(tx)
	before, err := q.CountBookmarks(ctx)
	if err != nil {
		return r, err
	}
	rows := make([]dbsqlc.TaggedBookmark, len(bookmarks))
	for i, b := range bookmarks {
		rows[i] = b.TaggedBookmark
	}
	for part := range slices.Chunk(rows, importPart) {
		n, err := db.BulkExec(ctx, tx, dbsqlc.New, part, (*dbsqlc.Queries).ImportBookmarks)
		if err != nil {
			return r, err
		}
		r.written += n
		bar.Add(len(part))
	}
	after, err := q.CountBookmarks(ctx)
	if err != nil {
		return r, err
	}
	r.added = after - before
	if r.tagged, err = importTags(ctx, tx, bookmarks); err != nil {
		return r, err
	}
	return r, importAttachments(ctx, tx, bookmarks)
}

// importTags adds the tags of saved bookmarks. It returns the number of new pairs of a
// bookmark and a tag.
func importTags(ctx context.Context, tx *sql.Tx, bookmarks []bookmark) (int64, error) {
	type row struct {
		URL  string   `json:"url"`
		Tags []string `json:"tags"`
	}
	var rows []row
	var names []string
	for _, b := range bookmarks {
		if len(b.Tags.V) > 0 {
			rows = append(rows, row{b.URL, b.Tags.V})
			names = append(names, b.Tags.V...)
		}
	}
	if _, err := db.BulkExec(ctx, tx, dbsqlc.New, distinct(names), (*dbsqlc.Queries).ImportTags); err != nil {
		return 0, err
	}
	return db.BulkExec(ctx, tx, dbsqlc.New, rows, (*dbsqlc.Queries).ImportBookmarkTags)
}

// importAttachments stores the files of saved bookmarks, in as few round trips as possible.
func importAttachments(ctx context.Context, tx *sql.Tx, bookmarks []bookmark) error {
	batch := db.NewBatch(tx, dbsqlc.New)
	for _, b := range bookmarks {
		for _, f := range b.Attachments {
			db.Queue(batch, func(q *dbsqlc.Queries) (int64, error) {
				return q.ImportAttachment(ctx, dbsqlc.ImportAttachmentParams{
					URL: b.URL, Name: f.Name, MIMEType: f.MIMEType, Data: f.Data, CreatedAt: f.CreatedAt,
				})
			})
		}
	}
	return batch.Run(ctx)
}
