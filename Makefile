# Refuz: `make run` opens the dashboard on its sandbox, `make test` runs every check.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
JOBS ?= 6  # tests at a time: most of them wait for a service that is slow on purpose
BROWSERS ?= 0  # 0: one browser test at a time; N: so many, each process with a desk of its own

# What one process of Python has compiled is kept for the hundreds after it, whatever the shell says.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup setup-dev run test lint types coverage test-heavy adversary mutants hunt soak people bench-reading bench-finding bench-engine bench-large-run bench-insight bench-pages bench-station wheel compile notices sbom audit sample messages release-check schema clean

help: ## List what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Refuz needs Python 3.11 or newer. Install it, or name it: make PYTHON=/path/to/python3.11 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/run.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

setup: $(VENV)/.run ## Prepare .venv with the `refuz` command
	@scripts/system-packages zbar

setup-dev: $(VENV)/.dev setup ## The same, with what the checks need
	@scripts/system-packages zbar chromium
	@[ -z "$$CI" ] || scripts/system-packages nginx  # a web server: only where nobody works

run: setup ## Open the dashboard on its sandbox, loaded and ready (PORT, HTTPS=1)
	@PORT=$(PORT) $(BIN)/refuz serve --sandbox $(if $(filter 1,$(HTTPS)),--https --host 0.0.0.0)

tests/node/node_modules: tests/node/package-lock.json $(VENV)/.dev
	cd tests/node && PATH=$(CURDIR)/$(BIN):$$PATH npm ci --no-audit --no-fund --silent
	@touch $@

lint: setup-dev tests/node/node_modules ## Linters, types and the contract between the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m scripts.drawn pages
	cd tests/node && PATH=$(CURDIR)/$(BIN):$$PATH npm run --silent check

# The files in which a mark stands: what has run beside is not collected again.
marked = $(shell grep -rlE 'mark\.$(1)\b' tests --include='test_*.py' | sort)

test: lint ## Every check: linters, types, layers, unit, property, integration and browser tests
	@rm -f .pytest_cache/v/cache/lastfailed
	$(BIN)/pytest -m "not heavy and not browser and not timed" -n $(JOBS) --dist loadscope --no-loadscope-reorder; beside=$$?; \
	$(BIN)/pytest -m "not heavy and browser" -n $(BROWSERS) --dist loadscope --no-loadscope-reorder $(call marked,browser); browsers=$$?; \
	$(BIN)/pytest -m "not heavy and timed" $(call marked,timed); alone=$$?; \
	case $$beside$$browsers$$alone in 000) ;; *[!01]*) exit 1 ;; *) $(BIN)/python -m scripts.second_look ;; esac

coverage: setup-dev ## Branch coverage of core by the quick tests, with its floor
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -q -m "not heavy and not browser" -n $(JOBS) --dist loadscope --no-loadscope-reorder
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

test-heavy: setup-dev ## The long proofs: kill tests, 20,000 mutated files, PostgreSQL with 4 workers
	$(BIN)/pytest -m heavy --timeout 3600

hunt: setup-dev ## 20,000 damaged files to a running desk; goes on where it was stopped
	REFUZ_HUNT_FILE=$(or $(HUNT_FILE),$(VENV)/hunt.json) $(BIN)/pytest -m heavy --timeout 21600 tests/hostile/test_hostile_hunt.py

adversary: setup-dev ## Ten worlds of trouble of 5,000 orders each; goes on where it was stopped
	REFUZ_ADVERSARY_PROVEN=$(CURDIR)/.refuz/adversary.json nice -n 15 \
	  $(BIN)/pytest -m heavy --timeout 7200 tests/reversal/test_reversal_adversary.py

mutants: setup-dev ## Whether small changes of matching, labels and effects are noticed (40 each); goes on where it was stopped
	$(BIN)/python -m scripts.mutants --kept $(CURDIR)/.refuz/mutants.txt

soak: setup-dev ## An hour at a parcel a second; goes on where it was stopped
	REFUZ_SOAK_FILE=$(or $(SOAK_FILE),$(CURDIR)/$(VENV)/soak.json) $(BIN)/pytest -m heavy --timeout 10800 tests/hostile/test_hostile_soak.py

people: setup-dev ## 10,000 sequences of people, devices, approvals, revocations; goes on where it was stopped
	REFUZ_PEOPLE_FILE=$(or $(PEOPLE_FILE),$(CURDIR)/$(VENV)/people.txt) $(BIN)/pytest -m heavy --timeout 3600 tests/people/test_people_machine.py

bench-reading: setup-dev ## The reader against zxing-cpp and pyzbar alone
	$(BIN)/python -m benchmarks.reading
	$(BIN)/python -m benchmarks.reading_parts
	$(BIN)/python -m benchmarks.reading_score
	$(BIN)/python -m benchmarks.reading_score --hunt

bench-finding: setup-dev ## Whether boxes find their orders by their print (about 10 minutes)
	$(BIN)/python -m benchmarks.finding

bench-engine: setup-dev ## Orders a second against a bare thread pool
	$(BIN)/python -m benchmarks.engine

bench-large-run: setup-dev ## A run of 50,000 orders to its end (about 15 minutes)
	$(BIN)/python -m benchmarks.engine_whole

bench-insight: setup-dev ## Analytics at a million parcels against pandas
	$(BIN)/python -m benchmarks.insight

bench-pages: setup-dev ## Bytes, requests, layout shift and times of each page's first visit; goes on where it was stopped (PAGES="scan …", ANEW=1, BEFORE=a checkout)
	$(BIN)/python -m benchmarks.pages $(PAGES) $(if $(ANEW),--anew) $(if $(BEFORE),--before $(BEFORE))

bench-people: setup-dev ## What sign-in costs the first sight of each page
	$(BIN)/python -m benchmarks.people

bench-station: setup-dev ## Live scanning, page speed at two sizes of data, memory for photos
	$(BIN)/python -m benchmarks.station

schema: setup ## Write the first migration anew from the tables of the code
	$(BIN)/python -m core.store.migrations.schema

sample: setup ## Draw the sample data anew (the same for the same seed)
	$(BIN)/python data/make_sample.py

messages: setup ## Find the texts of the code anew and bring the Romanian catalog up to date
	$(BIN)/pybabel -q extract -F babel.cfg -k t -k shown -k NN_:1,2 --no-location --sort-output -o $(VENV)/refuz.pot .
	$(BIN)/pybabel -q update -i $(VENV)/refuz.pot -d core/i18n/locale -D refuz -l ro \
	  --width 100 --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	@echo "Fill in what is empty in core/i18n/locale/ro/LC_MESSAGES/refuz.po"

release-check: setup ## What a release still lacks: texts that are not translated
	$(BIN)/python -m core.i18n.release_check

wheel: setup ## Build the wheel that pipx installs, in dist/
	$(BIN)/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

notices: setup ## Write THIRD-PARTY-NOTICES.md anew from the installed packages
	$(BIN)/python -m scripts.notices

$(VENV)/sbom/bin/cyclonedx-py: | $(VENV)/bin/python
	$(BIN)/python -m venv $(VENV)/sbom
	$(VENV)/sbom/bin/pip install --quiet --disable-pip-version-check cyclonedx-bom==7.5.0

sbom: $(VENV)/sbom/bin/cyclonedx-py ## Write the bill of materials (CycloneDX) of what is pinned, dist/refuz.cdx.json
	@mkdir -p dist
	$< requirements requirements/run.txt --pyproject pyproject.toml --output-reproducible \
	  --of JSON --validate -o dist/refuz.cdx.json 2> >(grep -v -i warn >&2)

$(VENV)/audit/bin/pip-audit: | $(VENV)/bin/python
	$(BIN)/python -m venv $(VENV)/audit
	$(VENV)/audit/bin/pip install --quiet --disable-pip-version-check pip-audit==2.10.1

audit: $(VENV)/audit/bin/pip-audit ## Look known vulnerabilities of what is pinned up (needs the network)
	$< --disable-pip --requirement requirements/run.txt --strict

compile: ## Pin the requirements anew, with hashes (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --extra text --extra checkout pyproject.toml -o requirements/run.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --extra dev --extra text --extra checkout pyproject.toml -c requirements/run.txt -o requirements/dev.txt

clean: ## Remove the environment and everything Refuz wrote in this checkout
	rm -rf $(VENV) .refuz
