package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/spf13/cobra"
)

type editFlags struct {
	url, title, notes  string
	addTags, dropTags  []string
	metadata, dropKeys []string
}

func (a *app) editCmd() *cobra.Command {
	var flags editFlags
	cmd := &cobra.Command{
		Use:   "edit ID|URL",
		Short: "Change a bookmark",
		Example: `  marks edit 12 --title "A better title" --add-tag go --remove-tag misc
  marks edit 12 --set author="Rob Pike" --set year=2012 --unset draft`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.edit(cmd, args[0], flags)
		},
	}
	cmd.Flags().StringVar(&flags.url, "url", "", "the new URL")
	cmd.Flags().StringVar(&flags.title, "title", "", "the new title")
	cmd.Flags().StringVar(&flags.notes, "notes", "", "the new notes")
	cmd.Flags().StringArrayVar(&flags.addTags, "add-tag", nil, "a tag to add")
	cmd.Flags().StringArrayVar(&flags.dropTags, "remove-tag", nil, "a tag to take off")
	cmd.Flags().StringArrayVar(&flags.metadata, "set", nil, "metadata, NAME=VALUE; a value that is JSON is kept as such")
	cmd.Flags().StringArrayVar(&flags.dropKeys, "unset", nil, "the NAME of metadata to remove")
	return cmd
}

// An edit holds the changes that editFlags ask for.
type edit struct {
	url, title, notes *string // nil is no change
	addTags, dropTags []string
	metadata          []metadataEdit
}

// A metadataEdit sets the element at a path to a JSON value. An empty value removes the
// element.
type metadataEdit struct {
	path, value string
}

func (a *app) edit(cmd *cobra.Command, key string, flags editFlags) error {
	change, err := flags.parse(cmd)
	if err != nil {
		return err
	}
	return a.applyEdit(cmd.Context(), key, change)
}

func (a *app) applyEdit(ctx context.Context, key string, change edit) error {
	err := a.withTx(ctx, func(q *dbsqlc.Queries) error {
		b, err := find(ctx, q, key)
		if err != nil {
			return err
		}
		return change.apply(ctx, q, b.ID)
	})
	if errors.Is(err, db.ErrUnique) {
		return badInput("%s is saved as another bookmark already", *change.url)
	}
	return err
}

func (f *editFlags) parse(cmd *cobra.Command) (edit, error) {
	if cmd.Flags().NFlag() == 0 {
		return edit{}, usageError{"nothing to change", cmd.CommandPath()}
	}
	var e edit
	var errs [5]error
	e.url, errs[0] = changed(cmd, "url", f.url, cleanURL)
	e.title, errs[1] = changed(cmd, "title", f.title, func(s string) (string, error) {
		s = strings.Join(strings.Fields(s), " ")
		return s, checkText("the title", s, maxTitle)
	})
	e.notes, errs[2] = changed(cmd, "notes", f.notes, func(s string) (string, error) {
		s = strings.TrimSpace(s)
		return s, checkText("the text of the notes", s, maxNotes)
	})
	e.addTags, errs[3] = cleanTags(f.addTags)
	e.dropTags, errs[4] = cleanTags(f.dropTags)
	for _, err := range errs {
		if err != nil {
			return edit{}, err
		}
	}
	var err error
	e.metadata, err = f.parseMetadata(cmd.CommandPath())
	return e, err
}

// changed returns the cleaned value of a flag, or nil if the flag isn't given.
func changed(cmd *cobra.Command, flag, value string, clean func(string) (string, error)) (*string, error) {
	if !cmd.Flags().Changed(flag) {
		return nil, nil
	}
	value, err := clean(value)
	return &value, err
}

func (f *editFlags) parseMetadata(command string) ([]metadataEdit, error) {
	var edits []metadataEdit
	for _, assignment := range f.metadata {
		name, value, ok := strings.Cut(assignment, "=")
		if !ok {
			return nil, usageError{fmt.Sprintf("--set %.60q is not NAME=VALUE", assignment), command}
		}
		path, err := jsonPath(name)
		if err != nil {
			return nil, err
		}
		edits = append(edits, metadataEdit{path, jsonValue(value)})
	}
	for _, name := range f.dropKeys {
		path, err := jsonPath(name)
		if err != nil {
			return nil, err
		}
		edits = append(edits, metadataEdit{path: path})
	}
	return edits, nil
}

// jsonPath returns the path of a top-level key. https://sqlite.org/json1.html#path_arguments
func jsonPath(name string) (string, error) {
	if err := checkText("the metadata's name", name, 100); err != nil {
		return "", err
	}
	if name == "" || strings.ContainsAny(name, `"\`) {
		return "", badInput("metadata can't be named %q", name)
	}
	return `$."` + name + `"`, nil
}

// jsonValue returns s itself if s is valid JSON, and otherwise s as a JSON string.
func jsonValue(s string) string {
	if json.Valid([]byte(s)) {
		return s
	}
	return string(marshal(s))
}

func (e edit) apply(ctx context.Context, q *dbsqlc.Queries, id int64) error {
	now := dbtype.Now()
	_, err := q.PatchBookmark(ctx, dbsqlc.PatchBookmarkParams{
		ID: id, URL: e.url, Title: e.title, Notes: e.notes, UpdatedAt: now,
	})
	if err != nil {
		return err
	}
	for _, m := range e.metadata {
		if err := m.apply(ctx, q, id, now); err != nil {
			return err
		}
	}
	for _, tag := range e.dropTags {
		n, err := q.UntagBookmark(ctx, dbsqlc.UntagBookmarkParams{BookmarkID: id, Name: tag})
		if err != nil {
			return err
		}
		if n == 0 {
			return notFound("bookmark %d has no tag %q", id, tag)
		}
	}
	return tagBookmark(ctx, q, id, e.addTags)
}

func (m metadataEdit) apply(ctx context.Context, q *dbsqlc.Queries, id int64, now dbtype.Time) error {
	var err error
	if m.value == "" {
		_, err = q.RemoveBookmarkMetadata(ctx, dbsqlc.RemoveBookmarkMetadataParams{ID: id, Path: m.path, UpdatedAt: now})
	} else {
		_, err = q.SetBookmarkMetadata(ctx, dbsqlc.SetBookmarkMetadataParams{ID: id, Path: m.path, Value: m.value, UpdatedAt: now})
	}
	return err
}
