# make help lists the targets.
GO ?= go
STACK := $(GO) run ./test/stack/cmd/stack
TIMES ?= 10
ifndef SEED
SEED := $(shell date +%s)
endif

.PHONY: $(shell grep -oE "^[a-z-]+:" Makefile | tr -d :)

help: ## list all targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: ## serve the demo at http://127.0.0.1:8000 (user admin, password string)
	$(GO) run ./cmd/sofipo demo

build: ## build the static binary ./sofipo
	CGO_ENABLED=0 $(GO) build -trimpath -o sofipo ./cmd/sofipo

DIST ?= dist
release: ## build archives, Debian packages, bill of materials and checksums into DIST=dist
	release/build.sh "$(DIST)"

check: ## quick check: gofmt, go vet and the short tests, which need no services
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "run gofmt"; exit 1; }
	$(GO) vet ./...
	$(GO) test -short . ./core/... ./text/... ./web/... ./document/... ./infra/auth ./infra/db ./infra/outbox \
	  ./bank/... ./view/... ./checks/... ./api/... ./cmd/... ./test/ground ./test/random ./test/contract

test: ## all tests on real services, which are started and, if missing, installed
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "run gofmt"; exit 1; }
	$(GO) vet ./...
	$(STACK) run -- $(GO) test -timeout 25m ./...

test-faults: ## every fault while clients pay and read, in one table; TABLE=FILE writes it in Markdown
	cd test/faults && $(GO) test -count=1 -timeout 60m -run '^TestFaults$$' -args -long -table "$(abspath $(TABLE))"

soak: ## random tests and the simulation with faults with a new seed and TIMES=10 times the cases, and the API fuzzer for TIMES minutes; SEED=N repeats a run
	@echo "seed $(SEED); to repeat: make soak SEED=$(SEED) TIMES=$(TIMES)"
	TEST_SEED=$(SEED) TEST_TIMES=$(TIMES) $(STACK) run -- $(GO) test -timeout 6h ./core/... ./bank/... ./api ./simulation || \
	  { echo "failed with seed $(SEED); to repeat: make soak SEED=$(SEED) TIMES=$(TIMES)"; exit 1; }

DAYS ?= 365
simulate: ## simulate DAYS=365 with faults, in memory and on SQLite; SEED=N repeats a run
	$(GO) run ./cmd/sofipo demo --seed $(SEED) --days $(DAYS) --clients 60 --faults twin
	$(GO) run ./cmd/sofipo demo --seed $(SEED) --days $(DAYS) --clients 60 --faults sqlite

SOAK ?= 30m
soak-server: ## drive a server for SOAK=30m; fails if its memory, goroutines or open files grow
	TEST_SOAK=$(SOAK) $(GO) test -count=1 -timeout 6h -run TestSoak -v ./test/soak

race: ## tests of the concurrent packages with the race detector
	$(STACK) run -- $(GO) test -race -timeout 25m ./core/... ./infra/... ./bank/... ./view/... ./api/...

stack: ## start the real services, keep them running and print their environment
	@mkdir -p .cache
	$(STACK) up --file .cache/stack.json

bench: ## measure payments and reads, compared with pgbench and a bare handler
	$(GO) run ./bench

bench-close: ## measure the close of a million loans, compared with INSERT … SELECT
	$(GO) run ./bench/close

bench-lists: ## measure the search and the lists with a million clients and loans; p99 at most 50 ms
	$(GO) run ./bench/lists

CLIENTS ?= 1000000
bench-scale: ## measure lists, search, payments, close and reports with CLIENTS=1000000 clients and as many loans, and the sizes on disk
	$(GO) run ./bench/lists -rows $(CLIENTS) -draws 100 || true # slow requests are in the table
	$(GO) run ./bench/close -loans $(CLIENTS) -sqlite 0

PICTURES ?= .cache/pictures
screenshots: ## write a picture of every screen of the console into PICTURES=.cache/pictures
	$(GO) test -count=1 ./test/browser -run TestPages -pictures $(PICTURES)
	@echo "pictures are in $(PICTURES)"

guides: ## write the pictures of docs/guias again, into docs/images/guias
	$(GO) test -count=1 ./test/browser -run TestGuidePictures -guides docs/images/guias

lint: ## run golangci-lint, pinned in lint/go.mod
	$(GO) tool -modfile=lint/go.mod golangci-lint run ./...

vuln: ## look for known vulnerabilities with govulncheck, pinned in lint/vuln/go.mod; needs vuln.go.dev
	$(GO) tool -modfile=lint/vuln/go.mod govulncheck -test ./...

fuzz: ## run each fuzz target for twenty seconds
	@for p in $$($(GO) list ./core/... ./infra/auth ./api); do \
	  for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do \
	    echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime 20s $$p || exit 1; \
	  done; done
