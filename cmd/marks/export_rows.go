package main

import (
	"context"
	"database/sql"
	"errors"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
)

// eachBookmark calls fn for each bookmark in the order of ids. It reads a page at a time, so
// memory is bounded, and it holds no transaction, which a server would end after a while. A
// page takes one round trip, and its attachments take one for each fileBytes. A bookmark
// that changes meanwhile is seen before or after the change.
func eachBookmark(ctx context.Context, on db.Execer, attachments bool, fn func(bookmark) error) error {
	for after := int64(0); ; {
		page, names, err := exportPage(ctx, on, after, attachments)
		if err != nil || len(page) == 0 {
			return err
		}
		files := fileReader{on: on, names: names}
		for _, b := range page {
			if b.Attachments, err = files.of(ctx, b.ID); err != nil {
				return err
			}
			after = b.ID
			b.ID = 0
			if err := fn(b); err != nil {
				return err
			}
		}
	}
}

// exportPage returns a page of bookmarks after an id, and the names of their attachments.
func exportPage(ctx context.Context, on db.Execer, after int64, attachments bool) ([]bookmark, []dbsqlc.ExportAttachmentsRow, error) {
	b := db.NewBatch(on, dbsqlc.New, db.WithReadOnly())
	params := dbsqlc.ExportBookmarksParams{AfterID: after, PageSize: largestPage}
	rows := db.Queue(b, func(q *dbsqlc.Queries) ([]dbsqlc.TaggedBookmark, error) { return q.ExportBookmarks(ctx, params) })
	names := db.Queue(b, func(q *dbsqlc.Queries) ([]dbsqlc.ExportAttachmentsRow, error) {
		return q.ExportAttachments(ctx, dbsqlc.ExportAttachmentsParams(params))
	})
	if err := b.Run(ctx); err != nil {
		return nil, nil, err
	}
	found, err := rows.Get()
	if err != nil {
		return nil, nil, err
	}
	page, err := bookmarksOf(found)
	if err != nil || !attachments {
		return page, nil, err
	}
	files, err := names.Get()
	return page, files, err
}

// fileBytes is the total size of the attachments that one round trip reads, in bytes. A
// larger attachment takes a round trip of its own.
const fileBytes = 4 << 20

// A fileReader reads the attachments of a page, in their order.
type fileReader struct {
	on    db.Execer
	names []dbsqlc.ExportAttachmentsRow // not read yet
	read  []dbsqlc.Attachment
}

// of returns the attachments of the next bookmark.
func (r *fileReader) of(ctx context.Context, id int64) ([]attachment, error) {
	var files []attachment
	for {
		if len(r.read) == 0 && len(r.names) > 0 && r.names[0].BookmarkID == id {
			if err := r.readNext(ctx); err != nil {
				return nil, err
			}
			continue
		}
		if len(r.read) == 0 || r.read[0].BookmarkID != id {
			return files, nil
		}
		row := r.read[0]
		files = append(files, attachment{row.Name, row.MIMEType, row.Size, row.CreatedAt, row.Data})
		r.read = r.read[1:]
	}
}

// readNext reads the next attachments in one round trip, up to fileBytes. It omits an
// attachment that was removed meanwhile.
func (r *fileReader) readNext(ctx context.Context) error {
	b := db.NewBatch(r.on, dbsqlc.New, db.WithReadOnly())
	var calls []*db.Future[dbsqlc.Attachment]
	for size := int64(0); len(r.names) > 0; r.names = r.names[1:] {
		next := r.names[0]
		if size += next.Size; size > fileBytes && len(calls) > 0 {
			break
		}
		calls = append(calls, db.Queue(b, func(q *dbsqlc.Queries) (dbsqlc.Attachment, error) {
			return q.GetAttachment(ctx, dbsqlc.GetAttachmentParams{BookmarkID: next.BookmarkID, Name: next.Name})
		}))
	}
	if err := b.Run(ctx); err != nil {
		return err
	}
	for _, call := range calls {
		row, err := call.Get()
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return err
		}
		r.read = append(r.read, row)
	}
	return nil
}
