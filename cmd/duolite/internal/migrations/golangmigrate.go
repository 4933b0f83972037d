package migrations

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// direction finds the direction in a file's name, as golang-migrate does.
var direction = regexp.MustCompile(`^(.*)\.(up|down)\.(.*)$`)

// isGolangMigrate reports whether a file is named like golang-migrate's.
func isGolangMigrate(name string) bool { return direction.MatchString(name) }

// golangMigrate reads the files of golang-migrate: one for each direction, which have the same number.
// https://github.com/golang-migrate/migrate/blob/master/MIGRATIONS.md
func golangMigrate(texts map[string]string) ([]migration, error) {
	byVersion := map[int64]*migration{}
	downs := map[int64]string{} // names
	var versions []int64
	for _, name := range sortedNames(texts) {
		version, err := number(name)
		if err != nil {
			return nil, err
		}
		parts := direction.FindStringSubmatch(name)
		base, isUp := parts[1], parts[2] == "up"
		m := byVersion[version]
		switch {
		case !isUp && downs[version] != "", isUp && m != nil:
			other := downs[version]
			if isUp {
				other = m.from
			}
			return nil, sameNumber(other, name)
		case !isUp:
			downs[version] = name
		default:
			byVersion[version] = &migration{version: version, name: base + ".sql", from: name, up: texts[name]}
			versions = append(versions, version)
		}
	}
	var found []migration
	for _, version := range versions {
		m := byVersion[version]
		m.down = texts[downs[version]]
		delete(downs, version)
		found = append(found, *m)
	}
	for _, name := range downs {
		return nil, fmt.Errorf("%s has no file %s", name, direction.ReplaceAllString(name, "$1.up.$3"))
	}
	return found, nil
}

func sameNumber(one, other string) error {
	return fmt.Errorf("%s and %s have the same number", one, other)
}

// number returns the number at the beginning of a file's name.
func number(name string) (int64, error) {
	digits, _, found := strings.Cut(name, "_")
	version, err := strconv.ParseInt(digits, 10, 64)
	if !found || err != nil || version < 0 {
		return 0, fmt.Errorf("%s doesn't begin with a number and an underscore", name)
	}
	return version, nil
}
