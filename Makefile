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

.DEFAULT_GOAL := help
.PHONY: help run test test-faults check format lock export bench clean

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

run: $(VENV)/.run ## Start everything; the address is printed when it is ready (Ctrl-C ends it)
	@exec $(BIN)/metarr run $(ARGS)

test: $(VENV)/.dev ## Run all tests against a real NATS server and a real PostgreSQL
	@$(BIN)/python -m pytest -n 2 $(ARGS)

test-faults: $(VENV)/.dev ## Kill enrichers, NATS and PostgreSQL in the middle of runs, ten times each (minutes)
	@METARR_TEST_KILLS=$${METARR_TEST_KILLS:-10} METARR_TEST_FILMS=$${METARR_TEST_FILMS:-1794} \
		$(BIN)/python -m pytest -s tests/faults $(ARGS)

check: $(VENV)/.dev ## Lint, types, import rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/.dev ## Format the code and mend what the linter can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

export: $(VENV)/.run ## Write OpenAPI, AsyncAPI and JSON Schema under docs/ anew
	@$(BIN)/python -m metarr_local.export

lock: $(VENV)/.dev ## Resolve the locked versions anew
	@$(LOCK) $(MANIFESTS) --group pyproject.toml:build -o requirements.lock
	@$(LOCK) $(MANIFESTS) --group pyproject.toml:build --group pyproject.toml:dev -c requirements.lock -o requirements-dev.lock

clean: ## Remove the environment and caches; the library's data stays
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
