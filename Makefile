# Metarr enrichment. `make help` lists what can be done here.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MEMBERS := contracts services/chassis services/api-gateway services/enricher services/scheduler services/projector deploy/local
EDITABLE := $(foreach m,$(MEMBERS),-e ./$(m))
MANIFESTS := $(foreach m,$(MEMBERS),$(m)/pyproject.toml)
SERVICE_MANIFESTS := $(filter-out deploy/local/pyproject.toml,$(MANIFESTS))
LOCAL_NAMES := $(foreach m,contracts chassis gateway enricher scheduler projector local,--no-emit-package metarr-$(m))
LOCK := $(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-header $(LOCAL_NAMES)
ALERTS := deploy/kubernetes/components/monitoring/prometheus-rule.yaml
ARGS ?=
RUNS ?= 100000
IMAGES := enricher scheduler projector api-gateway metarr
VERSION = $(shell sed -n 's/^version = "\(.*\)"/\1/p' contracts/pyproject.toml)
REVISION = $(shell git rev-parse HEAD 2>/dev/null || echo unknown)

# The web UI. Its Node is the machine's where that is new enough (vite and jsdom want it), else one from a wheel.
UI := public/frontend
UI_BUILT := $(UI)/dist/index.html
UI_SOURCES := $(shell find $(UI) -mindepth 1 \( -name node_modules -o -name dist \) -prune -o \( -type f -o -type d \) -print)
NODE_FROM := $(shell sed -n 's/.*"node": ">=\(.*\)".*/\1/p' $(UI)/package.json)
NODE_IS_NEW := test "$$(node -p 'process.versions.node.localeCompare("$(NODE_FROM)", "en", {numeric: true}) >= 0')" = true
NPM := cd $(UI) && PATH="$(CURDIR)/$(BIN):$$PATH" npm
# Runs a command that says nothing unless it fails, and then all that it has said.
quietly = said=$$($(1) 2>&1) || { printf '%s\n' "$$said" >&2; exit 1; }

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run test faults bench bench-long check format lock export fuzz sbom screenshots images clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# One stamp per lock file: a changed lock or manifest sets the environment up again.
$(VENV)/.run: requirements.lock $(MANIFESTS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Metarr needs Python 3.11 or newer; say which with: make PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up (once) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation $(EDITABLE)
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	@echo "Setting up the tools for tests (once) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/.node: $(VENV)/.run requirements-node.lock
	@{ npm --version >/dev/null && $(NODE_IS_NEW); } 2>/dev/null || \
		$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-node.lock
	@touch $@

$(VENV)/.fuzz: $(VENV)/.dev requirements-fuzz.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-fuzz.lock
	@touch $@

$(VENV)/.sbom: $(VENV)/.run requirements-sbom.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-sbom.lock
	@touch $@

# What the build needs; what lint, types and tests need beside it. npm begins both with an empty node_modules.
$(UI)/node_modules/.run: $(UI)/package.json $(UI)/package-lock.json | $(VENV)/.node
	@$(call quietly,$(NPM) ci --omit=dev)
	@touch $@

$(UI)/node_modules/.dev: $(UI)/package.json $(UI)/package-lock.json | $(VENV)/.node
	@echo "Setting up the tools for the web UI's tests (once) ..."
	@$(call quietly,$(NPM) ci)
	@touch $@ $(UI)/node_modules/.run

# What has been built needs neither Node nor packages, so both are asked for only here.
$(UI_BUILT): $(UI_SOURCES)
	@echo "Building the web UI (once) ..."
	@$(MAKE) -s --no-print-directory $(UI)/node_modules/.run
	@$(call quietly,$(NPM) run build)

run: $(VENV)/.run $(UI_BUILT) ## Start everything; the address is printed when it is ready (Ctrl-C ends it)
	@exec $(BIN)/metarr run $(ARGS)

test: $(VENV)/.dev $(if $(ARGS),,$(UI)/node_modules/.dev) $(UI_BUILT) ## Run all tests, against a real NATS server and a real PostgreSQL (with ARGS: pytest alone)
	@$(if $(ARGS),,$(NPM) test)
	@$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

faults: $(VENV)/.dev ## Random work and faults from a seed, and what must hold after them (SEED=7 RUNS=3; a minute or two each)
	@tests/faults/harness/fetch_toxiproxy.sh
	@$(BIN)/python -m tests.faults.harness $(if $(SEED),--seed $(SEED)) --runs $(or $(RUNS),1) $(ARGS)

bench: $(VENV)/.dev ## Measure speed and memory beside their ceilings, a quarter of an hour (ARGS="--only appending --rounds 5")
	@tests/bench/fetch_wrk.sh
	@$(BIN)/python -m tests.bench --json build/bench.json $(ARGS)

bench-long: $(VENV)/.dev ## Measure what takes long: a million events, several enrichers, sixty nights
	@$(BIN)/python -m tests.bench --long --json build/bench-long.json $(ARGS)

fuzz: $(VENV)/.fuzz ## Look for inputs that break a parser, by coverage; so many in all: RUNS=1000000 (ARGS: rules, --seed)
	@$(BIN)/python -m tests.fuzz --runs $(RUNS) $(ARGS)

check: $(VENV)/.dev $(UI)/node_modules/.dev ## Lint, types, import rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(NPM) run check

format: $(VENV)/.dev $(UI)/node_modules/.dev ## Format the code and mend what the linter can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(NPM) run format

export: $(VENV)/.run $(UI)/node_modules/.dev ## Write OpenAPI, AsyncAPI, JSON Schema and licences under docs/ anew, the web UI's types, and the alerts for Kubernetes
	@$(BIN)/python -m metarr_local.export
	@$(BIN)/python -m metarr_local.export_licences
	@{ sed '/^spec:$$/q' $(ALERTS); sed 's/^./  &/' deploy/observability/alerts.yaml; } > $(ALERTS).new && mv $(ALERTS).new $(ALERTS)
	@$(call quietly,$(NPM) run types)

sbom: $(VENV)/.sbom $(VENV)/.node ## Write what is shipped as CycloneDX, into build/sbom: the services and commands, the web UI
	@mkdir -p build/sbom
	@$(BIN)/cyclonedx-py requirements requirements.lock --pyproject deploy/local/pyproject.toml --spec-version 1.6 \
		--output-reproducible --output-file build/sbom/python.cdx.json
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python deploy/sbom/web_ui.py $(UI) > build/sbom/web-ui.cdx.json

screenshots: $(VENV)/.dev $(UI_BUILT) ## Pictures of all pages and states of the web UI, into build/screenshots (with ARGS=--readme: those of the README)
	@$(BIN)/python -m tests.browser.screenshots $(ARGS)

lock: $(VENV)/.dev ## Resolve the locked versions anew
	@$(LOCK) $(MANIFESTS) --group pyproject.toml:build -o requirements.lock
	@$(LOCK) $(SERVICE_MANIFESTS) --group pyproject.toml:build -c requirements.lock -o requirements-services.lock
	@$(LOCK) $(MANIFESTS) --group pyproject.toml:build --group pyproject.toml:dev -c requirements.lock -o requirements-dev.lock
	@$(LOCK) --group pyproject.toml:fuzz -c requirements-dev.lock -o requirements-fuzz.lock
	@$(LOCK) --group pyproject.toml:node -o requirements-node.lock
	@$(LOCK) --group pyproject.toml:sbom -c requirements-dev.lock -o requirements-sbom.lock

images: ## Build the container images (with ARGS: more for docker build, such as --build-arg PYTHON_IMAGE=...)
	@for image in $(IMAGES); do \
		docker build --file deploy/docker/Dockerfile --target $$image --tag metarr/$$image:$(VERSION) \
			--build-arg VERSION=$(VERSION) --build-arg REVISION=$(REVISION) $(ARGS) . || exit 1; \
	done

clean: ## Remove the environment, the built web UI and caches; the library's data stays
	@rm -rf $(VENV) $(UI)/node_modules $(UI)/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
