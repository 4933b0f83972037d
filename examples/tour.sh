#!/bin/sh
# Runs for `make run`: marks on a local database, marks.db.
set -eu

show() {
	printf '\n$ %s\n' "$*"
	"$@"
}

show marks import examples/bookmarks.html
show marks list --limit 10
show marks search sqlite
show marks stats --tags 8 --months 6

printf '\nThe bookmarks are in marks.db; bin/marks is the program: bin/marks --help\n'
