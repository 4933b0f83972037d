// Package netscape reads and writes Netscape bookmark files, the HTML dialect in which
// browsers and bookmark services export and import bookmarks. A file looks like this:
//
//	<!DOCTYPE NETSCAPE-Bookmark-file-1>
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
// A <DL> is a folder, named by the <H3> before it; the outermost one is the root and has no
// name. An <A> is a bookmark, and the <DD> after it has its notes. Names of tags and
// attributes are written in either case, closing tags such as </DT> and </DD> may be missing,
// and attribute values may be unquoted. Safari writes its folders side by side, without a root
// <DL>, inside an <HTML> element.
package netscape
