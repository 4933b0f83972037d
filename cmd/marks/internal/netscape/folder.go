package netscape

import "fmt"

// maxDepth is far more folders within folders than anybody makes.
const maxDepth = 256

// A folder is an open <DL>.
type folder struct {
	name string // empty for the root and for folders which the browser makes
	line int    // line of the <DL> tag
}

// A path is the open folders, outermost first.
type path []folder

// names returns the names of the folders which have one.
func (p path) names() []string {
	var names []string
	for _, f := range p {
		if f.name != "" {
			names = append(names, f.name)
		}
	}
	return names
}

// push opens a folder. It returns a *SyntaxError if the path grows beyond the
// limits of the Decoder.
func (p *path) push(f folder) error {
	size := len(f.name)
	for _, g := range *p {
		size += len(g.name)
	}
	if len(*p) >= maxDepth {
		return &SyntaxError{f.line, fmt.Sprintf("folders nested more than %d deep", maxDepth)}
	}
	if size > maxLength {
		return &SyntaxError{f.line, "the names of the folders are too long"}
	}
	*p = append(*p, f)
	return nil
}

// pop closes the innermost folder. Some exporters write one </DL> too many;
// there is nothing to close then.
func (p *path) pop() {
	if n := len(*p); n > 0 {
		*p = (*p)[:n-1]
	}
}

// isSpecial reports whether an attribute of an <H3> marks a folder which the
// browser makes itself. The presence of the attribute is enough, as it is for
// Firefox. The value "false" is an exception and marks none.
func isSpecial(name string, value []byte) bool {
	switch name {
	case "personal_toolbar_folder", "unfiled_bookmarks_folder",
		"mobile_bookmarks_folder", "bookmarks_menu", "places_root":
		return string(value) != "false"
	}
	return false
}
