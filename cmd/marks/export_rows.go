package main

import (
	"context"
	"database/sql"
	"errors"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
)

// eachBookmark walks over all bookmarks in the order of their ids, a page at a time: in
// bounded memory, and in no transaction that a server would end. A page is one round
// trip, and its files are one for some MiB of them. What is changed meanwhile is seen as
// it was or as it is.
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

// exportPage returns the bookmarks after an id, and which files they have.
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

// fileBytes is for how much data of files a server is asked at once.
const fileBytes = 4 << 20

// A fileReader reads the files of a page, in their order.
type fileReader struct {
	on    db.Execer
	names []dbsqlc.ExportAttachmentsRow // of those that aren't read yet
	read  []dbsqlc.Attachment
}

// of returns the files of the next bookmark.
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

// readNext reads the next files together, up to fileBytes of them. One that is gone by now
// is left out.
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
