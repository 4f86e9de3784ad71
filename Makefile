# Metarr enrichment. `make help` lists what can be done here.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MEMBERS := contracts services/chassis services/api-gateway services/enricher services/scheduler services/projector deploy/local
EDITABLE := $(foreach m,$(MEMBERS),-e ./$(m))
MANIFESTS := $(foreach m,$(MEMBERS),$(m)/pyproject.toml)
LOCAL_NAMES := $(foreach m,contracts chassis gateway enricher scheduler projector local,--no-emit-package metarr-$(m))
LOCK := $(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-header $(LOCAL_NAMES)
ARGS ?=

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
.PHONY: help run test test-faults check format lock export screenshots clean

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
	@$(BIN)/python -m pytest -n 2 $(ARGS)

test-faults: $(VENV)/.dev ## Kill enrichers, NATS and PostgreSQL in the middle of runs, ten times each (minutes)
	@METARR_TEST_KILLS=$${METARR_TEST_KILLS:-10} METARR_TEST_FILMS=$${METARR_TEST_FILMS:-1794} \
		$(BIN)/python -m pytest -s tests/faults $(ARGS)

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

export: $(VENV)/.run $(UI)/node_modules/.dev ## Write OpenAPI, AsyncAPI and JSON Schema under docs/ anew, and the web UI's types
	@$(BIN)/python -m metarr_local.export
	@$(call quietly,$(NPM) run types)

screenshots: $(VENV)/.dev $(UI_BUILT) ## Pictures of all pages and states of the web UI, into build/screenshots (with ARGS=--readme: those of the README)
	@$(BIN)/python -m tests.browser.screenshots $(ARGS)

lock: $(VENV)/.dev ## Resolve the locked versions anew
	@$(LOCK) $(MANIFESTS) --group pyproject.toml:build -o requirements.lock
	@$(LOCK) $(MANIFESTS) --group pyproject.toml:build --group pyproject.toml:dev -c requirements.lock -o requirements-dev.lock
	@$(LOCK) --group pyproject.toml:node -o requirements-node.lock

clean: ## Remove the environment, the built web UI and caches; the library's data stays
	@rm -rf $(VENV) $(UI)/node_modules $(UI)/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
