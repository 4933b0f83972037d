#!/usr/bin/env bash
# Times the way from nothing to a tested web service with a second table, on a file and on a server: with
# duolite, and with drizzle-orm, drizzle-kit and @libsql/client. All caches are empty at the beginning.
# It prints the seconds of each step, also of the CPU, and the characters that are typed: commands, and lines of files.
#
#	bench/start/run.sh [duolite] [drizzle]
#
# It needs go, node, npm and curl. The steps of duolite are those of docs/getting-started.md.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# step NAME COMMAND [FILE...] runs the command, and counts its characters and the lines of the files that
# are new beside ../before.
step() {
	local name=$1 command=$2 TIMEFORMAT='%R %U %S'
	shift 2
	{ time eval "$command" > "$work/log" 2>&1 || { cat "$work/log"; echo "$name: $command failed"; exit 1; } >&3; } 3>&2 2> "$work/times"
	local real user system
	read -r real user system < "$work/times"
	printf '%-28s %7.1f s %7.1f s of CPU %6d characters\n' "$name" "$real" "$(echo "$user + $system" | bc)" "$((${#command} + $(typed "$@")))"
}

# typed prints the number of characters in the lines of files that are not in ../before/FILE.
typed() {
	local file n=0
	for file in "$@"; do
		n=$((n + $(diff "../before/$file" "$file" 2>/dev/null | grep '^>' | cut -c 3- | wc -m || true)))
		[ -e "../before/$file" ] || n=$((n + $(wc -m < "$file")))
	done
	echo "$n"
}

# serve COMMAND starts a service on port 8000, and waits for it.
serve() {
	$1 > "$work/service.log" 2>&1 &
	service=$!
	until curl -s -o /dev/null http://127.0.0.1:8000/notes; do
		kill -0 "$service" || { cat "$work/service.log"; return 1; }
		sleep 0.05
	done
}

stop() { kill "$service" && wait "$service"; }

first_requests() {
	curl -fsS -d '{"body": "Buy milk"}' http://127.0.0.1:8000/notes && curl -fsS http://127.0.0.1:8000/notes
}

second_requests() {
	curl -fsS -d '{"body": "Call Ada"}' http://127.0.0.1:8000/notes &&
		curl -fsS -d '{"author": "Ada", "body": "Any time"}' http://127.0.0.1:8000/notes/1/comments &&
		curl -fsS 'http://127.0.0.1:8000/notes/1/comments?author=Ada' | grep 'Any time'
}

# start_server starts a new sqld on port 8080.
start_server() {
	"$sqld" --db-path "$work/$1.sqld" --http-listen-addr 127.0.0.1:8080 --no-welcome > "$work/sqld.log" 2>&1 &
	server=$!
	until curl -s -o /dev/null http://127.0.0.1:8080/health; do sleep 0.1; done
}

# page_files writes the files of docs/getting-started.md.
page_files() {
	awk '/^```/ { inside = !inside; first = inside; path = ""; next }
		first { first = 0; if ($0 ~ /^(--|\/\/) [a-z0-9_\/]+\.[a-z]+$/) { path = $2; printf "" > path } }
		path { print > path }' "$repo/docs/getting-started.md"
}

with_duolite() {
	echo "duolite"
	mkdir "$work/duolite" && cd "$work/duolite"
	export GOMODCACHE=$work/gomod GOCACHE=$work/gocache GOFLAGS=-modcacherw GOBIN=$work/bin CGO_ENABLED=0
	export npm_config_cache=$work/npm-duolite XDG_CACHE_HOME=$work/cache PATH=$work/bin:$PATH
	# In place of: go install github.com/duolite/duolite/cmd/duolite@latest
	step "install" "go -C $repo install ./cmd/duolite"
	step "project" "duolite new notes --replace $repo"
	cd notes
	step "build, run" "go build -o bin/ . && serve bin/notes && first_requests; stop"
	step "test, file and servers" "go test ./..."
	local sqlc
	sqlc=$(sed -n 's/.*sqlcRelease = "\(.*\)"/\1/p' "$repo/cmd/duolite/internal/gen/sqlc.go")
	step "sqlc, which gen builds once" "go run github.com/sqlc-dev/sqlc/cmd/sqlc@$sqlc version"
	mkdir ../before && cp routes.go ../before/
	page_files
	step "table, queries: generate" "go tool duolite gen" schema/00002_comments.sql queries/comments.sql
	step "use them: build" "go build -o bin/ ." comments.go routes.go
	step "test, file and servers" "go test ./..." comments_test.go
	step "run" "serve bin/notes && second_requests; stop"
	sqld=$(go run github.com/duolite/duolite/db/dbtest/cmd/sqld)
	start_server duolite
	step "move to a server" "export TURSO_DATABASE_URL=http://127.0.0.1:8080; serve bin/notes && second_requests; stop"
	unset TURSO_DATABASE_URL
	kill "$server"
}

with_drizzle() {
	echo "drizzle-orm, drizzle-kit, @libsql/client"
	mkdir "$work/drizzle" && cd "$work/drizzle"
	export npm_config_cache=$work/npm-drizzle
	step "install" "npm init -y --init-type module && npm install drizzle-orm @libsql/client dotenv && npm install -D drizzle-kit tsx"
	cp -r "$here/drizzle/first/." .
	mkdir ../before
	step "project: generate" "npx drizzle-kit generate" $(cd "$here/drizzle/first" && find . -type f -not -path './test/*')
	step "run" "serve 'node --import tsx src/main.ts' && first_requests; stop"
	step "test, file" "node --import tsx --test test/*.test.ts" test/requests.ts test/notes.test.ts
	cp -r src ../before/
	cp -r "$here/drizzle/second/." .
	step "table: generate" "npx drizzle-kit generate" src/schema.ts
	step "queries, use them: run" "serve 'node --import tsx src/main.ts' && second_requests; stop" src/comments.ts src/app.ts
	step "test, file" "node --import tsx --test test/*.test.ts" test/comments.test.ts
	start_server drizzle
	step "move to a server" "export TURSO_DATABASE_URL=http://127.0.0.1:8080; serve 'node --import tsx src/main.ts' && second_requests; stop"
	unset TURSO_DATABASE_URL
	kill "$server"
}

sqld=$(go run -C "$repo" ./db/dbtest/cmd/sqld)
for name in ${*:-duolite drizzle}; do
	(
		service='' server=''
		trap 'kill $service $server 2>/dev/null || true' EXIT
		"with_$name"
	)
	echo
done
