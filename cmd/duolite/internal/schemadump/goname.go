package schemadump

import (
	"slices"
	"strings"
	"unicode"

	"github.com/jinzhu/inflection"
)

// initialisms are words that have capitals in Go. The configuration lists them for sqlc.
var initialisms = []string{"id", "url", "json"}

// words splits a name into words in lower case, at capitals, underscores and other characters: albumId, Album ID and
// ALBUM_ID are all album, id.
func words(name string) (all []string) {
	runes := []rune(name)
	word := ""
	end := func() {
		if word != "" {
			all = append(all, strings.ToLower(word))
		}
		word = ""
	}
	for i, r := range runes {
		switch {
		case r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r):
			end()
			continue
		case i > 0 && unicode.IsUpper(r) && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])):
			end()
		}
		word += string(r)
	}
	end()
	if len(all) == 0 {
		return []string{"x"}
	}
	return all
}

// snake joins the words of a name by underscores, as the name of a parameter.
func snake(name string) string {
	all := strings.Join(words(name), "_")
	if unicode.IsDigit(rune(all[0])) {
		return "n" + all
	}
	return all
}

// exported returns the name in Go.
func exported(name string) string {
	var b strings.Builder
	for _, word := range strings.Split(snake(name), "_") {
		if slices.Contains(initialisms, word) {
			b.WriteString(strings.ToUpper(word))
		} else {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}

// exceptions are singulars that sqlc has instead of the library's.
var exceptions = map[string]string{"campus": "campus", "meta": "meta", "metadata": "metadata", "calories": "calorie", "waves": "wave"}

// singular returns the singular of a name in snake case, or of a name that sqlc has. Both use the same library.
func singular(name string) string {
	if one, ok := exceptions[strings.ToLower(name)]; ok {
		return one
	}
	return inflection.Singular(name)
}

// sqlcName returns the name that sqlc has of a table or a column. name is as queries have it.
func sqlcName(name string) string {
	if unquoted, ok := strings.CutPrefix(name, `"`); ok {
		return strings.ReplaceAll(strings.TrimSuffix(unquoted, `"`), `""`, `"`)
	}
	return strings.ToLower(name)
}

// sqlcGoName returns the name that sqlc makes of a name in Go, without a rename.
func sqlcGoName(name string) string {
	var b strings.Builder
	separated := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return '_'
	}, name)
	for _, word := range strings.Split(separated, "_") {
		switch {
		case slices.Contains(initialisms, word):
			b.WriteString(strings.ToUpper(word))
		case word != "":
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}
