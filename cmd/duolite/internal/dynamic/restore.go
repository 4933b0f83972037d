package dynamic

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/duolite/duolite/cmd/duolite/internal/seq"
	"github.com/duolite/duolite/internal/sqltext"
)

// Restore gives the files that sqlc wrote, by name, the texts of the queries again.
func (s *Sources) Restore(files map[string][]byte) error {
	if len(s.queries) == 0 {
		return nil
	}
	texts := map[string]string{} // of sqlc, by the name of the query
	for _, name := range slices.Sorted(maps.Keys(files)) {
		pkg, err := addTexts(texts, name, files[name])
		if err != nil {
			return err
		}
		s.pkg = pkg
	}
	numbers := map[*query]map[string]string{}
	for _, q := range s.queries {
		text, made := texts[q.name]
		if !made || len(q.names()) == 0 {
			continue // sqlc makes no method of it, or it has no placeholder
		}
		var err error
		if numbers[q], err = q.numbers(text); err != nil {
			return err
		}
	}
	for name, text := range files {
		restored := anchors.ReplaceAllString(string(text), "")
		restored = placeholders.ReplaceAllStringFunc(restored, func(found string) string {
			id, _ := strconv.Atoi(placeholders.FindStringSubmatch(found)[1])
			h := s.holders[id-1]
			return numbers[h.query][h.name]
		})
		files[name] = []byte(restored)
	}
	return nil
}

// addTexts adds the texts of the queries in a file, and returns the name of its package.
func addTexts(texts map[string]string, name string, source []byte) (pkg string, err error) {
	tree, err := parser.ParseFile(token.NewFileSet(), name, source, parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	for _, decl := range tree.Decls {
		constants, ok := decl.(*ast.GenDecl)
		if !ok || constants.Tok != token.CONST {
			continue
		}
		for _, spec := range constants.Specs {
			for _, value := range spec.(*ast.ValueSpec).Values {
				if text := seq.StringValue(value); strings.HasPrefix(text, "-- name: ") {
					texts[nameOf(text)] = text
				}
			}
		}
	}
	return tree.Name.Name, nil
}

// numbers returns the parameters of sqlc's text by their names. sqlc replaces each macro in its place, so
// that the parameters of both texts are in the same order.
func (q *query) numbers(text string) (map[string]string, error) {
	own, inCode := parametersOf(apply(q.text, q.sent)), parametersOf(text)
	if len(own) != len(inCode) {
		return nil, fmt.Errorf("%s has %d parameters, and %d in the code of sqlc: give each a name by sqlc.arg", q.name, len(own), len(inCode))
	}
	byName := map[string]string{}
	for i, p := range own {
		if p.name != "" {
			byName[p.name] = inCode[i].text
		}
	}
	return byName, nil
}

// A parameter is a parameter of a text, or a macro of sqlc. The name of a slice, and of a parameter without
// one, is "".
type parameter struct{ name, text string }

// parametersOf returns the parameters in the order of the text.
func parametersOf(text string) (parameters []parameter) {
	places := placesOf(text)
	for t := range sqltext.Tokens(text) {
		for len(places) > 0 && places[0].start <= t.Offset {
			p := parameter{places[0].name, text[places[0].start:places[0].end]}
			if places[0].macro == "slice" {
				p.name = ""
			}
			parameters, places = append(parameters, p), places[1:]
		}
		if t.Kind == sqltext.Parameter && t.Text[0] != '@' {
			parameters = append(parameters, parameter{"", t.Text})
		}
	}
	return parameters
}
