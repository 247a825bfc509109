# Python 3.11 or newer and make are all a machine needs; everything else is set up on first use.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

# What lies around in the outer shell must not reach our virtual environments.
unexport PYTHONPATH PYTHONHOME PYTEST_ADDOPTS PYTEST_PLUGINS VIRTUAL_ENV

PYTHON ?= $(shell for each in python3 python3.11 python3.12 python3.13 python3.14 python3.15; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
VENV := .venv
EMULATOR := .venv-emulator
RUN := $(VENV)/bin/python -m

.PHONY: help
help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(VENV)/.installed $(EMULATOR)/.installed ## Install what is missing (the other targets do it too)

$(VENV)/.installed: requirements-dev.txt
	@$(call install,$(VENV),requirements-dev.txt)

$(EMULATOR)/.installed: requirements-emulator.txt
	@$(call install,$(EMULATOR),requirements-emulator.txt)

define install
if [ -z "$(PYTHON)" ]; then echo "Souk needs Python 3.11 or newer: set PYTHON=<path to it>" >&2; exit 1; fi; \
$(PYTHON) -m infra.venv $(1) $(2) && touch $@
endef

.PHONY: run
run: setup ## Run the whole shop here (PORT=8000, SOUK_DATA=.souk-data)
	@$(RUN) infra.local.run

.PHONY: demo
demo: setup ## Walk through the shop that runs in another terminal (PORT=8000)
	@$(RUN) infra.demo

.PHONY: verify
verify: setup ## Prove the rules on the running shop's data (ARGS="--export FILE")
	@$(RUN) infra.verify $(ARGS)

.PHONY: tenant
tenant: setup ## Export or delete one shop (ARGS="export acme acme.jsonl", "delete acme --yes-really acme")
	@$(RUN) infra.tools.tenant $(ARGS)

.PHONY: backup
backup: setup ## Back up table, files, configuration (ARGS="take", "list", "export FOLDER"; --help)
	@$(RUN) infra.backup.backup $(ARGS)

.PHONY: restore
restore: setup ## Restore beside the live table, or one shop in it (ARGS="backup ARN TABLE", "shop acme --from TABLE")
	@$(RUN) infra.backup.restore $(ARGS)

.PHONY: drill
drill: setup ## Damage a shop on the emulator and restore it; print RPO and RTO (ARGS="--orders 200")
	@$(RUN) infra.backup.drill $(ARGS)
.PHONY: migrate
migrate: setup ## Bring stored items into today's shape, or back (ARGS="status", "dry-run 0001", "up", "undo 0001")
	@$(RUN) infra.tools.migrate $(ARGS)

.PHONY: deploy-lock
deploy-lock: setup ## Who deploys a stage, and breaking the lock of who is gone (ARGS="status prod")
	@$(RUN) infra.deploy.lock $(ARGS)

.PHONY: lint
lint: setup ## Check style and format
	$(RUN) ruff check .
	$(RUN) ruff format --check .

.PHONY: format
format: setup ## Put the code into our format
	$(RUN) ruff check --fix-only --quiet .
	$(RUN) ruff format .

.PHONY: types
types: setup ## Check types
	$(RUN) mypy

.PHONY: test
test: lint types ## Check everything: style, types, tests, coverage
	$(RUN) pytest --numprocesses=auto --maxprocesses=4 --dist=loadfile --cov --cov-fail-under=85

.PHONY: docs
docs: setup openapi ## Write the documents that are made from the code
	@$(RUN) infra.tools.access_patterns
	@$(RUN) infra.tools.admin_guide
	@$(RUN) infra.tools.alarm_list
	@$(RUN) infra.tools.architecture
	@$(RUN) infra.tools.data_model
	@$(RUN) infra.tools.errors
	@$(RUN) infra.tools.route_table
	@$(RUN) infra.cost.capacity_page
	@$(RUN) infra.tools.job_table
	@$(RUN) infra.tools.policies
	@$(RUN) infra.tools.permissions

.PHONY: openapi
openapi: setup ## Write docs/openapi.json from the routes
	@$(RUN) infra.tools.openapi

.PHONY: contract
contract: setup openapi ## Compare the API with what /v1 promises (ARGS=--promise at a release)
	@$(RUN) infra.tools.contract $(ARGS)

.PHONY: ledger
ledger: setup ## Say which promises have a passing test, from the last runs (ARGS="--run --open")
	@$(RUN) infra.tools.ledger $(ARGS)

.PHONY: budget
budget: setup ## How much of the month's error budget is spent (ARGS="--answered N --failed N --days N", or "--log FILE")
	@$(RUN) infra.tools.error_budget $(ARGS)

.PHONY: map
map: setup ## List each route and job: function, permission, items, events
	@$(RUN) infra.tools.map

.PHONY: reach
reach: setup ## Say what a function can ask of AWS, and by which way (ARGS="order_timeout")
	@$(RUN) infra.tools.reach $(ARGS)

.PHONY: audit
audit: setup ## Look our dependencies up among known vulnerabilities (needs a network and pip-audit)
	@$(RUN) infra.tools.audit $(ARGS)

.PHONY: dependencies
dependencies: setup ## Measure every dependency: size, import time
	@$(RUN) infra.tools.dependencies

.PHONY: bench
bench: setup ## Time each operation against an idle request; count what it asks of the store (ARGS=--tuning)
	@$(RUN) infra.bench $(ARGS)

.PHONY: cost
cost: setup ## Measure what each act takes, and say what a load costs (ARGS="--load small --region ap-southeast-1")
	@$(RUN) infra.cost $(ARGS)

.PHONY: soak
soak: setup ## Trade for as long as you say, with faults and kills, then prove the books (ARGS="--minutes 5")
	@$(RUN) infra.soak $(ARGS)

.PHONY: quality
quality: setup ## Measure tests, types and documents against their targets (ARGS=--write)
	@$(RUN) infra.tools.quality $(ARGS)

.PHONY: package
package: setup ## Build what is deployed: build/arm64/souk.zip and template.json (ARGS="--architecture x86_64")
	@$(RUN) infra.package $(ARGS)

.PHONY: rehearse
rehearse: setup ## Deploy that build to an emulated account, use it, break it, roll it back (4 minutes)
	@$(RUN) infra.rehearsal

.PHONY: deploy
deploy: setup ## Bring this source tree to a stage of your AWS account (STAGE=staging ARGS="--yes")
	@$(RUN) infra.deploy deploy --stage "$(STAGE)" $(ARGS)

.PHONY: rollback
rollback: setup ## Run a stage's earlier release again; data stays (STAGE=prod ARGS="--to RELEASE")
	@$(RUN) infra.deploy rollback --stage "$(STAGE)" $(ARGS)

.PHONY: status
status: setup ## Show a stage: stack, version, alarms, dead letters, releases (STAGE=prod)
	@$(RUN) infra.deploy status --stage "$(STAGE)" $(ARGS)

.PHONY: logs
logs: setup ## Show a stage's log lines (STAGE=prod ARGS="--request ID", "--level ERROR", "--follow")
	@$(RUN) infra.deploy logs --stage "$(STAGE)" $(ARGS)

.PHONY: keys
keys: setup ## Make, list, rotate, retire a stage's keys (STAGE=prod ARGS="rotate jwt-keys")
	@$(RUN) infra.deploy keys --stage "$(STAGE)" $(ARGS)

.PHONY: first-admin
first-admin: setup ## Open the first shop of a new stage (STAGE=dev)
	@$(RUN) infra.deploy first-admin --stage "$(STAGE)" $(ARGS)

.PHONY: delivery
delivery: setup ## Build the delivery package with its manifest: dist/souk-<version>.tar.gz
	@$(RUN) infra.tools.delivery
.PHONY: lint-template
lint-template: setup ## Hold what is deployed against CloudFormation's own rules, for two regions
	@$(RUN) infra.package.lint

.PHONY: lock
lock: ## Pin the newest versions that requirements*.in allow (needs uv)
	@for each in requirements requirements-dev requirements-emulator; do \
		echo "Locking $$each.txt"; \
		uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
			--no-emit-find-links --custom-compile-command "make lock" --upgrade $$each.in -o $$each.txt || exit 1; \
	done

.PHONY: clean
clean: ## Remove virtual environments, caches and the data of local runs
	rm -rf $(VENV) $(EMULATOR) .souk-data build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* htmlcov .cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
