// Package netscape reads and writes Netscape bookmark files, the HTML dialect
// in which browsers and bookmark services export and import bookmarks.
//
// # Format
//
// The format has no standard. It is the output of Netscape Navigator in the
// 1990s, plus attributes which others added. A file looks like this:
//
//	<!DOCTYPE NETSCAPE-Bookmark-file-1>
//	<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
//	<TITLE>Bookmarks</TITLE>
//	<H1>Bookmarks</H1>
//	<DL><p>
//	    <DT><H3 ADD_DATE="1433160000">Programming</H3>
//	    <DL><p>
//	        <DT><A HREF="https://go.dev/" ADD_DATE="1433160000" TAGS="go,docs">Go</A>
//	        <DD>Start with the tour.
//	    </DL><p>
//	</DL><p>
//
// A <DL> is a folder, named by the <H3> before it; the outermost one is the
// root and has no name. An <A> is a bookmark and the <DD> after it holds its
// notes. Tag and attribute names are written in either case, closing tags such
// as </DT> and </DD> may be missing, and attribute values may be unquoted.
//
// # Dialects
//
// The package reads the exports of Chrome, Edge, Firefox, Safari, Pinboard,
// Raindrop, Shaarli and other programs that keep to the outline above:
//
//   - Safari writes its folders side by side, without a root <DL>, inside an
//     <HTML> element.
//   - The folders which a browser makes itself, such as "Bookmarks bar" or
//     "Other Bookmarks", are marked by an attribute such as
//     PERSONAL_TOOLBAR_FOLDER or UNFILED_BOOKMARKS_FOLDER. Nobody chose them as
//     a category, so their names are left out of [Bookmark.Folders].
//   - Firefox exports its saved searches as bookmarks with a "place:" URL. They
//     are not bookmarks of a page and are skipped silently, as most Firefox
//     exports hold some. Separators (<HR>), folder descriptions, icons and
//     keywords are skipped as well.
//
// # Text
//
// Files must be UTF-8, with or without a byte order mark. Callers decode other
// files first. Entities are decoded.
// Runs of white space in titles, folder names and tags, Unicode spaces included,
// become one space. Notes keep their lines; <BR> starts a new one and other
// markup in them is dropped. An <A> inside notes is a bookmark of its own, as it
// is for Firefox, since losing a bookmark is worse than gaining one.
//
// # Dates
//
// ADD_DATE, LAST_MODIFIED and LAST_VISIT count the seconds since 1970. An
// empty value or 0, which exporters write for "unknown", is no date. Counts of
// 13, 16 or 19 digits are milliseconds, microseconds or nanoseconds. They can't
// be mistaken for seconds, since the largest count of seconds, in the year 9999,
// has 12 digits. Counts of 17 digits are microseconds since 1601, as Chrome
// stores them. ISO 8601 and e-mail dates are read as well. Any other value is
// reported in [Bookmark.Warnings], and the bookmark doesn't get that date.
//
// # Limits
//
// Memory use doesn't depend on the size of the file: a [Decoder] holds one
// bookmark at a time and rejects files whose tags, texts or folder paths are
// absurdly long, or whose folders are nested absurdly deep.
package netscape
