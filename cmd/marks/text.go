package main

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// The maximum lengths of texts, in characters. The CHECK constraints in schema/ have the
// same limits.
const (
	maxURL   = 8192
	maxTitle = 4096
	maxNotes = 65536
	maxTag   = 100
)

func cleanTitle(s string) (string, error) {
	s = strings.Join(strings.Fields(s), " ")
	return s, checkText("the title", s, maxTitle)
}

func cleanNotes(s string) (string, error) {
	s = strings.TrimSpace(s)
	return s, checkText("the text of the notes", s, maxNotes)
}

// cleanTag replaces each run of white space by one space. A comma becomes a space too,
// because it separates tags in a browser's file.
func cleanTag(tag string) (string, error) {
	name := strings.Join(strings.Fields(strings.ReplaceAll(tag, ",", " ")), " ")
	if name == "" {
		return "", badInput("the tag %q has no name", tag)
	}
	return name, checkText("the tag", name, maxTag)
}

// cleanTags returns the tags in the form in which they are saved, without duplicates.
func cleanTags(tags []string) ([]string, error) {
	clean := make([]string, len(tags))
	for i, tag := range tags {
		var err error
		if clean[i], err = cleanTag(tag); err != nil {
			return nil, err
		}
	}
	return distinct(clean), nil
}

// distinct returns the tags without duplicates, in the spelling of their first use.
func distinct(tags []string) []string {
	first := []string{}
	seen := map[string]bool{}
	for _, tag := range tags {
		if key := foldTag(tag); !seen[key] {
			seen[key] = true
			first = append(first, tag)
		}
	}
	return first
}

// foldTag returns the key under which two spellings of one tag are equal. It ignores the
// case of ASCII letters, as SQLite's NOCASE does.
func foldTag(tag string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, tag)
}

// cleanMetadata returns s if s is a JSON object. It limits the number of its parts, since SQLite
// limits the nesting of JSON to 1000.
func cleanMetadata(s string) (string, error) {
	const most = 1000
	if !json.Valid([]byte(s)) || !strings.HasPrefix(strings.TrimSpace(s), "{") {
		return "", badInput("metadata is not a JSON object")
	}
	if strings.Count(s, "{")+strings.Count(s, "[") > most {
		return "", badInput("metadata has more than %d objects and lists", most)
	}
	return s, nil
}

// tagArray returns the JSON array of names for the queries that filter by tags.
func tagArray(tags []string) (string, error) {
	clean, err := cleanTags(tags)
	if err != nil {
		return "", err
	}
	array, err := json.Marshal(clean)
	return string(array), err
}

// checkText returns an error if s isn't valid UTF-8, has a NUL character, or is longer than
// most characters.
func checkText(name, s string, most int) error {
	if !utf8.ValidString(s) {
		return badInput("%s is not valid UTF-8", name)
	}
	if strings.ContainsRune(s, 0) {
		return badInput("%s has a NUL character in it", name)
	}
	if n := utf8.RuneCountInString(s); n > most {
		return badInput("%s has %d characters; %d are the most", name, n, most)
	}
	return nil
}
