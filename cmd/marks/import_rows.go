package main

import (
	"context"
	"database/sql"
	"slices"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/db/dbtype"
)

type importResult struct {
	added, changed int64 // bookmarks
	tags           int64 // new pairs of a bookmark and a tag
}

// importPart is the number of bookmarks in a part of an import.
const importPart = 5000

// importBookmarks saves bookmarks in bulk. After each part it calls done with the number
// saved so far. The transaction holds the write lock from its first statement, so the
// result never counts bookmarks of another process.
func importBookmarks(ctx context.Context, tx *sql.Tx, bookmarks []bookmark, done func(int)) (importResult, error) {
	q := dbsqlc.New(tx)
	before, err := q.CountBookmarks(ctx)
	if err != nil {
		return importResult{}, err
	}
	var written int64
	for part := range slices.Chunk(bookmarks, importPart) {
		n, err := db.BulkExec(ctx, tx, dbsqlc.New, bookmarkRows(part), (*dbsqlc.Queries).ImportBookmarks)
		if err != nil {
			return importResult{}, err
		}
		written += n
		done(len(part))
	}
	after, err := q.CountBookmarks(ctx)
	if err != nil {
		return importResult{}, err
	}
	tags, err := importTags(ctx, tx, bookmarks)
	if err != nil {
		return importResult{}, err
	}
	added := after - before
	return importResult{added: added, changed: written - added, tags: tags}, importAttachments(ctx, tx, bookmarks)
}

func bookmarkRows(bookmarks []bookmark) []dbsqlc.Bookmark {
	rows := make([]dbsqlc.Bookmark, len(bookmarks))
	for i, b := range bookmarks {
		rows[i] = dbsqlc.Bookmark{
			URL: b.URL, Title: b.Title, Notes: b.Notes, Metadata: b.Metadata, Archived: b.Archived, VisitCount: b.VisitCount,
			CreatedAt: b.CreatedAt, UpdatedAt: b.UpdatedAt, VisitedAt: b.VisitedAt,
		}
	}
	return rows
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
	seen := map[string]bool{}
	for _, b := range bookmarks {
		if len(b.Tags) > 0 {
			rows = append(rows, row{b.URL, b.Tags})
		}
		for _, tag := range b.Tags {
			if key := foldTag(tag); !seen[key] {
				seen[key] = true
				names = append(names, tag)
			}
		}
	}
	if _, err := db.BulkExec(ctx, tx, dbsqlc.New, names, (*dbsqlc.Queries).ImportTags); err != nil {
		return 0, err
	}
	return db.BulkExec(ctx, tx, dbsqlc.New, rows, (*dbsqlc.Queries).ImportBookmarkTags)
}

// maxImported is the maximum size of an attachment that is saved in bulk, in bytes. The JSON
// of larger attachments would exceed the database's limit on one value.
const maxImported = 1 << 20

func importAttachments(ctx context.Context, tx *sql.Tx, bookmarks []bookmark) error {
	type row struct {
		URL       string      `json:"url"`
		Name      string      `json:"name"`
		MIMEType  string      `json:"mime_type"`
		Data      []byte      `json:"data"`
		CreatedAt dbtype.Time `json:"created_at"`
	}
	var rows []row
	for _, b := range bookmarks {
		for _, f := range b.Attachments {
			if len(f.Data) <= maxImported {
				rows = append(rows, row{b.URL, f.Name, f.MIMEType, f.Data, f.CreatedAt})
			} else if err := importLarge(ctx, dbsqlc.New(tx), b.URL, f); err != nil {
				return err
			}
		}
	}
	_, err := db.BulkExec(ctx, tx, dbsqlc.New, rows, (*dbsqlc.Queries).ImportAttachments)
	return err
}

func importLarge(ctx context.Context, q *dbsqlc.Queries, url string, f attachment) error {
	saved, err := q.GetBookmarkByURL(ctx, url)
	if err != nil {
		return err
	}
	return saveAttachment(ctx, q, saved.ID, f)
}
