// Package localfile writes the file of a replica: a copy, page by page, of the database of a primary.
//
// The file is a SQLite database in WAL mode, which any SQLite reads and none writes (see
// db/internal/sqlite/filevfs). A [Tx] replaces pages. Readers see either all of its pages or none.
//
// # The position
//
// The file says how far it has come: bytes 72 to 91 of the first page, which the file format
// reserves for expansion. The content and the position are committed together, so no crash or
// power failure parts them. A table of our own would be one more table of the primary's, and a
// second file would be committed before or after the content. The format wants zeros in these
// bytes (https://sqlite.org/fileformat2.html, section 1.3); no SQLite looks at them, and no other
// program can write the file. A primary's page that has something there is refused.
//
// # The first copy
//
// The first copy doesn't go through the log, which would double the writes (fresh.go).
package localfile
