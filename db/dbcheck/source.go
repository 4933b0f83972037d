package dbcheck

import (
	"io/fs"
	"slices"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// Source reads the queries of a folder, before sqlc does. It returns the mistakes at which sqlc
// 1.31 stops without a clear message, and the ones that become code that doesn't compile: there [Check]
// comes too late. It also returns the mistakes that don't depend on sqlc.yaml.
func Source(queries fs.FS) ([]Finding, error) {
	folder, err := source.ReadFolder(queries)
	if err != nil {
		return nil, err
	}
	findings := folderFindings(folder)
	for _, q := range folder.Queries {
		findings = append(findings, allowed(q, slices.Concat(
			each(func(c check) []Finding { return apply(c.before, q) }),
			each(func(c check) []Finding { return applyBoth(c.text, q, noColumns) }),
		))...)
	}
	sortFindings(findings)
	return findings, nil
}

// folderFindings returns the findings about a folder as a whole.
func folderFindings(f *source.Folder) []Finding {
	return append(wrongOptOuts(f), each(func(c check) []Finding { return apply(c.folder, f) })...)
}

// noColumns stands for a schema that isn't known.
func noColumns(string, value.Class) bool { return false }
