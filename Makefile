# The verbs of the project. `make` lists them. CI calls the same verbs.

MODULE := github.com/duolite/duolite
TOOL   := go tool -modfile=tools/go.mod
# Without cgo sqlc's parser runs as WebAssembly, so no C compiler is needed. The first
# build takes some minutes; Go caches it.
SQLC   := CGO_ENABLED=0 $(TOOL) sqlc
WITHSQLC := --sqlc "$(TOOL) sqlc"
CC     := $(shell command -v gcc || command -v clang)
# The race detector needs cgo, and so a C compiler. By default it sleeps for a second at the end of a process.
RACE   := $(if $(CC),GORACE=atexit_sleep_ms=0 CGO_ENABLED=1 go test -race,CGO_ENABLED=0 go test)
# SQLite, C translated to Go, takes twenty times as long with the race detector, which so leaves it out.
NOTSQLITE := $(if $(CC),-gcflags=modernc.org/sqlite/lib=-race=false)
# The version of Go after the version in go.mod. Stored values and findings must be the same with both.
NEXTGO   := go1.27.1
FUZZTIME ?= 30s
SOAKTIME ?= 10m

export GOFLAGS := -mod=readonly

.DEFAULT_GOAL := help
.PHONY: help run build quick test test-next cover microbench bench bench-full bench-draw rent bench-dynamic bench-replica bench-walk fuzz soak mutants suites projects schemas generate verify differences api api-check check format lint layers allocations tools clean

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build marks, import examples/bookmarks.html into marks.db, list and search it
	@PATH="$(CURDIR)/bin:$$PATH" sh examples/tour.sh

build: ## build bin/marks and bin/duolite
	@CGO_ENABLED=0 go build -trimpath -o bin/ ./cmd/marks ./cmd/duolite

# With -short, tests that start a server or take long are skipped.
quick: ## run the tests that need no server, without the race detector
	@CGO_ENABLED=0 go test -short -timeout 5m ./...

test: ## run all tests, on SQLite files, in memory, and on real libSQL servers
	@# Installs the server once, not in each package. Without a server its tests are skipped; in CI they fail.
	@go run ./db/dbtest/cmd/sqld > /dev/null || test "$$CI" != true
	$(RACE) $(NOTSQLITE) -timeout 30m ./...
	@# SQLite too, where its connections share memory of this module.
	$(RACE) -timeout 30m -run 'AtOnce|ComesAndGoes|Concurrent|Shared|Together' ./db/internal/sqlite/...
	@# Separate modules, so that this module doesn't require OpenTelemetry and other wrappers.
	cd db/dbotel && CGO_ENABLED=0 go test ./...
	cd examples/otelsql && CGO_ENABLED=0 go test ./...
	cd db/internal/wrappers && CGO_ENABLED=0 go test ./...
	cd bench && CGO_ENABLED=0 go test ./internal/...
	@# A driver in C, where there is a C compiler.
	$(if $(CC),cd bench && CGO_ENABLED=1 go test ./internal/beside)

test-next: ## run the tests of db, dbtype, the gate, duolite and the conformance suite with the next Go
	@# If the toolchain can't be downloaded, the tests are skipped; in CI this fails.
	@if GOTOOLCHAIN=$(NEXTGO) go version; then \
	  GOTOOLCHAIN=$(NEXTGO) CGO_ENABLED=0 go test -timeout 30m ./db ./db/dbtype/... ./db/dbcheck/... ./cmd/duolite/... \
	    ./internal/... $$(go list ./db/internal/... | grep -vE '/(faults|soak)$$'); \
	else \
	  echo "skipped: $(NEXTGO) is not installed and can't be downloaded"; test "$$CI" != true; \
	fi

cover: ## run all tests and print the coverage of the hand-written code
	@mkdir -p bin
	@go test -coverpkg=./... -coverprofile=bin/cover.all ./... > bin/cover.log || { cat bin/cover.log; exit 1; }
	@grep -vE '/db/(dbsqlc|dbcheck/internal/cases)/' bin/cover.all > bin/cover.out
	@go tool cover -func=bin/cover.out | tail -1

microbench: ## measure single calls on each kind of database, by go test -bench
	CGO_ENABLED=0 go test -run '^$$' -bench . -benchmem ./db ./queries

# A separate module, so that this module doesn't require the peers. A peer that can't be built is left out.
bench: ## measure duolite and its peers for some minutes, and write docs/performance.md
	cd bench && go run .

bench-full: ## the same in more detail, for about an hour
	cd bench && go run . -full

bench-draw: ## write docs/performance.md from the stored full results
	cd bench && go run . -full -draw

rent: ## measure what the page cache, kept locks, caches and the like save, with and without each
	@cd bench && go run . -rent

bench-dynamic: ## measure dynamic statements beside hand-written ones, on a million rows
	@cd bench && go run . -dynamic 1000000

bench-replica: ## measure embedded replicas beside each other, of a database of 50 MiB
	@cd bench && go run . -replica 50

bench-walk: ## cut a replica's network, bring it back, and write docs/replicas.md
	@cd bench && go run . -walk

.PHONY: bench-start
bench-start: ## time the way to a new project with empty caches, beside drizzle
	@bench/start/run.sh

fuzz: ## run each fuzz test for FUZZTIME (30s)
	@for package in $$(go list ./...); do \
	  for target in $$(go test -list '^Fuzz' $$package | grep ^Fuzz); do \
	    echo "$$package $$target"; \
	    go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
	  done; \
	done

soak: ## run the tests that depend on chance for SOAKTIME (10m) each: faults, crashes, contention
	DUOLITE_SOAK=$(SOAKTIME) CGO_ENABLED=0 go test -count=1 -timeout 0 -v ./db/internal/faults ./db/internal/soak
	@# These tests of package db repeat more often, and take all combinations.
	DUOLITE_SOAK=$(SOAKTIME) CGO_ENABLED=0 go test -count=1 -timeout 0 -v \
	  -run 'Cluster|CopyKilled|CopySlowTarget|DoneIsNoError|DynamicRandom|LargeCopy|MemoryClosedMeanwhile|MovedFile|ProcessesOpenNewFile|RestoreKilled|StoresWhatSQLiteStores' ./db

mutants: ## break the code behind the promises, and require a test to notice
	@bash tools/mutants.sh

suites: ## run the tests of other drivers and libraries over ours; DUOLITE_GORM_REPO=FOLDER adds GORM's
	go run -C tools ./suites

projects: ## run duolite check on checkouts of other people's projects: PROJECTS='FOLDER...'
	go run -C tools ./projects $(abspath $(PROJECTS))

schemas: ## make projects of other people's databases: DATABASES='FILE...', each a database or a script of SQL
	go run -C tools ./schemas $(abspath $(DATABASES))

generate: ## write the generated code of the repository, and check it
	@go run ./cmd/duolite gen $(WITHSQLC)
	@go run ./cmd/duolite gen $(WITHSQLC) -f cmd/duolite/internal/project/template/sqlc.yaml
	@go run ./cmd/duolite gen $(WITHSQLC) -f bench/sqlc.yaml
	@go run ./cmd/duolite gen $(WITHSQLC) -f examples/shop/sqlc.yaml

verify: ## fail if the generated code isn't up to date or fails a check
	@go run ./cmd/duolite check $(WITHSQLC)
	@go run ./cmd/duolite check $(WITHSQLC) -f cmd/duolite/internal/project/template/sqlc.yaml
	@go run ./cmd/duolite check $(WITHSQLC) -f bench/sqlc.yaml
	@go run ./cmd/duolite check $(WITHSQLC) -f examples/shop/sqlc.yaml

differences: ## write docs/differences.md from the conformance suite's table
	@mkdir -p bin && go run ./db/dbtest/cmd/differences > bin/differences.md && mv bin/differences.md docs/differences.md

api: ## write docs/api.txt, the list of the public API
	@mkdir -p bin && go run -C tools ./api > bin/api.txt && mv bin/api.txt docs/api.txt

api-check:
	@go run -C tools ./api | diff docs/api.txt - || { echo "the API has changed: run make api, and say it in CHANGELOG.md" >&2; exit 1; }

check: format lint layers api-check verify allocations ## check format, vet, staticcheck, layers, API, generated code, allocations

format:
	@files=$$(gofmt -l $$(git ls-files '*.go')); \
	test -z "$$files" || { echo "not formatted (gofmt -w):"; echo "$$files"; exit 1; } >&2

lint:
	go vet ./...
	$(TOOL) staticcheck ./...
	go mod verify
	go mod tidy -diff
	cd db/dbotel && go vet ./... && go mod tidy -diff
	cd examples/otelsql && go vet ./... && go mod tidy -diff
	cd db/internal/wrappers && go vet ./... && go mod tidy -diff
	cd tools && go vet ./suites ./api ./projects ./schemas
	@# Without the packages that need a C compiler.
	cd bench && CGO_ENABLED=0 go vet $$(CGO_ENABLED=0 go list ./... | grep -v /golibsql) && go mod tidy -diff

# db knows engines and no tables; db/dbsqlc knows tables and no engines. Only cmd and
# tests import both.
layers:
	@! go list -f '{{.ImportPath}}: {{join .Imports " "}} ' $$(go list ./db/... | grep -v '/db/dbsqlc$$') | \
	  grep -E ' $(MODULE)/(db/dbsqlc|schema|queries|cmd)' || { echo "db must know no tables" >&2; exit 1; }
	@! go list -f '{{.ImportPath}}: {{join .Imports " "}} ' ./db/dbsqlc | grep -E ' $(MODULE)/(db |db/internal|schema|cmd)' || \
	  { echo "db/dbsqlc must know no engines" >&2; exit 1; }

# Not with the race detector, which itself allocates memory.
allocations:
	CGO_ENABLED=0 go test -count=1 -run '^TestAllocations$$' ./db

tools: ## build the developer tools and install the libSQL server for the tests
	$(SQLC) version
	$(TOOL) staticcheck -version
	go run ./db/dbtest/cmd/sqld

clean: ## remove the built files and the database of make run
	rm -rf bin marks.db marks.db-wal marks.db-shm
