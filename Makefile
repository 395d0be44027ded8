# GNU make 4 and a POSIX shell. `make` alone prints the targets.
STACK ?= local
BUNDLE ?= champion.tar
# By the environment, so that no word in it is a command of the shell.
export WHY
GRYPE := anchore/grype:v0.118.0@sha256:8a93fc48da96bd6ec5981279d099b69de11541dc68fdf222fb9161f8ff284af7
PYTHONS := python3.12 python3.11 python3.13 python3.10 python3
# The first Python that is new enough and can make virtual environments.
PYTHON ?= $(shell for p in $(PYTHONS); do "$$p" -c 'import sys, ensurepip, venv; \
	sys.exit(sys.version_info < (3, 10))' 2>/dev/null && echo "$$p" && break; done)

ACTIVATE := . tools/activate
BEGAN := $(shell date +%s)
# On a stack of this computer nothing is asked; on a cloud you confirm what Pulumi shows
# (CONFIRMED=yes: a pipeline's environment has approved it).
YES = $(if $(filter local%,$(STACK))$(CONFIRMED),--yes --skip-preview)
UV_COMPILE := pip compile --quiet --universal --python-version 3.10 --generate-hashes \
	--custom-compile-command "make lock"

# Environments with what stands in front of the scoring code in a cloud.
SERVING := .venv/sagemaker/.done .venv/azureml/.done .venv/triton/.done

# The image has these already, or overrides what is asked for.
SAGEMAKER_IMAGE := --no-emit-package numpy --no-emit-package typing --no-emit-package scipy \
	--override requirements/sagemaker-overrides.in

# An environment that was moved or lost its Python, and an engine that is gone, are made again.
BROKEN_VENV := $(shell [ -x .venv/bin/python ] && [ "$$(cat .venv/.local 2>/dev/null)" = "$$(pwd)" ] \
	|| echo FORCE)
BROKEN_ENGINE := $(shell [ -x "$$(cat .venv/engine-path 2>/dev/null)/pulumi" ] || echo FORCE)

# $(call timed,NAME,COMMAND): one line and the seconds; the command's output only if it fails.
define timed
@printf '%s: ' '$(1)'; start=$$(date +%s); if out=$$($(2) 2>&1); \
	then echo "ok, $$(($$(date +%s) - start)) s"; \
	else echo "failed, $$(($$(date +%s) - start)) s"; printf '%s\n' "$$out"; exit 1; fi
endef

.PHONY: help
help:  ## print this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile
	@echo "  STACK=NAME         the stack to work on (default: local)"
	@echo "  BUNDLE=FILE        export, import: the version's file (default: champion.tar; SHA256=DIGEST)"
	@echo "  BASE=REVISION      preview: compare with it on a simulated cloud (FORMAT=markdown, OUT=FILE, HEAD=ITS-NAME)"
	@echo "  PYTHON=PATH        the Python to set up with, 3.10 or later"

.PHONY: setup
setup: .venv/.local .venv/engine-path  ## get the Python packages and the Pulumi engine
	@$(if $(filter setup,$(MAKECMDGOALS)),echo "set up; 'source tools/activate' puts it on PATH",:)

.PHONY: up
up: setup  ## set up, bring up the local platform, run the closed loop on real flights
	@$(ACTIVATE) && python -m tools.up --stack $(STACK) --since $(BEGAN) $(YES)

.PHONY: preview
preview: setup $(if $(BASE)$(filter-out local% all,$(STACK)),.venv/.simcloud)  ## what `pulumi up` would change in STACK (or in all)
	@$(ACTIVATE) && $(if $(filter local% all,$(STACK)),mlops replay --prepare &&) \
	mlops preview $(if $(filter all,$(STACK)),--all,$(STACK)) $(if $(BASE),--base $(BASE)) $(if $(FORMAT),--format $(FORMAT)) \
	$(if $(HEAD),--head $(HEAD)) $(if $(OUT),--out $(OUT))

.PHONY: deploy
deploy: setup  ## `pulumi up` of STACK with the policies
	@$(ACTIVATE) && pulumi up --stack $(STACK) --policy-pack policy/analyzer $(YES)

.PHONY: smoke
# Exit code 3: an alarm is on. It is shown; a new stack has one until its first drift check.
smoke: setup  ## fail if what is released in STACK does not answer
	@$(ACTIVATE) && { mlops --stack $(STACK) status --exit-code $(if $(MODEL),--model $(MODEL)) || [ $$? -eq 3 ]; }

.PHONY: promote
promote: setup  ## release VERSION of a model in STACK, and keep WHY (RESUME=yes: go on with one)
	@$(ACTIVATE) && mlops --stack $(STACK) promote $(if $(RESUME),--resume,$(VERSION) --why "$$WHY") \
	$(if $(MODEL),--model $(MODEL))

.PHONY: export
export: setup  ## write the champion of STACK (or VERSION) to BUNDLE, for another stack
	@$(ACTIVATE) && { mlops --stack $(STACK) export $(VERSION) --out $(BUNDLE) \
	$(if $(MODEL),--model $(MODEL)) || [ $$? = 3 ]; }

.PHONY: import
import: setup  ## register the version in BUNDLE in STACK, and release it if it is new there
	@$(ACTIVATE) && mlops --stack $(STACK) import $(BUNDLE) --promote \
	$(if $(SHA256),--sha256 $(SHA256))

.PHONY: rollback
rollback: setup  ## go back to the version before in STACK, and keep WHY
	@$(ACTIVATE) && mlops --stack $(STACK) rollback --why "$$WHY" $(if $(MODEL),--model $(MODEL))

.PHONY: screenshots
screenshots: setup  ## pictures of STACK's pages into docs/images, by a Chromium on PATH (local stacks)
	@$(ACTIVATE) && python -m tools.screenshots --stack $(STACK) $(if $(MODEL),--model $(MODEL))

.PHONY: infra-drift
infra-drift: setup  ## fail if STACK was changed by hand
	@$(ACTIVATE) && pulumi preview --stack $(STACK) --policy-pack policy/analyzer \
	--refresh --expect-no-changes

.PHONY: destroy
destroy: setup  ## remove what `pulumi up` made in STACK, and say what is kept and why
	@$(ACTIVATE) && mlops destroy $(STACK) $(if $(CONFIRMED)$(filter local%,$(STACK)),--yes)

.PHONY: audit
audit: setup  ## known vulnerabilities of the locked packages (asks PyPI; all must be known there)
	@for lock in requirements.txt requirements/aws.txt requirements/azure.txt requirements/gcp.txt; do \
	.venv/bin/uv tool run pip-audit==2.9.0 --strict --disable-pip --require-hashes \
	-r $$lock || exit 1; done

.PHONY: audit-image
audit-image:  ## known vulnerabilities of the container IMAGE that have a fix (docker runs grype)
	@[ -n "$(IMAGE)" ] || { echo "IMAGE: say which, as make audit-image IMAGE=REFERENCE" >&2; exit 1; }
	@docker run --rm --volume "$${DOCKER_CONFIG:-$$HOME/.docker}:/docker:ro" \
	--env DOCKER_CONFIG=/docker $(GRYPE) "registry:$(IMAGE)" --only-fixed --fail-on high

.PHONY: test
# Four processes on two cores: a test of the engine waits for it half of the time.
test: setup .venv/.simcloud $(SERVING) lint  ## every check and test, offline once set up
	@$(ACTIVATE) && pytest -q -n 4 --dist loadscope --durations 40 --no-loadscope-reorder

.PHONY: test-quick
test-quick: .venv/.simcloud  ## the tests without an engine, a server or a model's training, in a minute
	@$(ACTIVATE) && pytest -q -n 2 -m "not engine" $(addprefix tests/,unit errors policy ci cost setup)

.PHONY: mutants
# For instance ARGS="--area gate", or --sample 10 --jobs 2; docs/mutants.md has the figures.
mutants: .venv/.simcloud  ## which small faults the tests of each area see (hours; a sample in CI)
	@$(ACTIVATE) && python -m tools.mutants $(ARGS)

.PHONY: mutants-sample
mutants-sample: .venv/.simcloud  ## the same for a sample that changes with the date (two minutes)
	@$(ACTIVATE) && python -m tools.mutants --sample 12 --seconds 90 --jobs 2 --at-least 0.8

.PHONY: lint
lint: .venv/.dev .venv/bin/actionlint  ## ruff: rules and format; actionlint, zizmor: workflows
	$(call timed,ruff check,.venv/bin/ruff check)
	$(call timed,ruff format --check,.venv/bin/ruff format --check)
	$(call timed,actionlint,.venv/bin/actionlint)
	$(call timed,zizmor,.venv/bin/zizmor --offline --quiet .github)

.PHONY: types
types: .venv/.simcloud  ## pyright, which `make test` runs as one of the tests
	$(call timed,pyright,.venv/bin/pyright)

.PHONY: bench-drift
bench-drift: .venv/.dev  ## the drift check against its peers, its false alarms and its power (an hour)
	@$(ACTIVATE) && python -m bench.drift.run

.PHONY: bench-gcp
bench-gcp: setup .venv/.simcloud  ## reading captures from BigQuery, on a stand-in, beside pages of JSON (a quarter of an hour)
	@$(ACTIVATE) && python -m bench.gcp.run

.PHONY: bench-preview
bench-preview: setup .venv/.simcloud  ## what a preview of each stack takes, beside an empty program's (a minute)
	@$(ACTIVATE) && python -m bench.preview.run

.PHONY: bench-faults
bench-faults: setup .venv/.dev  ## kills, full disks, locks and jumps of the clock on a local stack (ten minutes)
	@$(ACTIVATE) && python -m tests.faults.run

.PHONY: bench-runner
bench-runner: setup  ## what the local runner costs on top of its steps (a minute)
	@$(ACTIVATE) && python -m bench.runner.run

.PHONY: bench-serving
bench-serving: setup  ## the local endpoint against MLflow, FastAPI and BentoML, and beside other work (ten minutes)
	@$(ACTIVATE) && python -m bench.serving.run && python -m bench.serving.beside

.PHONY: bench-services
bench-services: setup .venv/.simcloud $(SERVING)  ## the scoring code behind the clouds' own servers (five minutes)
	@$(ACTIVATE) && python -m bench.serving.services

TABLES := .mlops/bench/tables
.PHONY: bench-tables
bench-tables: setup .venv/.dev  ## 60 public tables round the whole loop (twenty minutes)
	@$(ACTIVATE) && uv pip install --quiet --no-deps --target $(TABLES) \
	-r bench/tables/requirements.txt && python -m bench.tables.loop $(TABLES)

.PHONY: docs
docs: setup .venv/.simcloud  ## write docs/targets.md: every stack comes up on a simulated cloud (a minute)
	@$(ACTIVATE) && python -m tools.targets

.PHONY: lock
lock:  ## compile requirements/*.in to the lock files (pins stay; LOCK=--upgrade for the newest)
	@tmp=$$(mktemp -d) && trap 'rm -rf "$$tmp"' EXIT && $(PYTHON) -m venv "$$tmp" \
	&& "$$tmp/bin/pip" install --quiet --require-hashes --no-deps -r requirements/uv.txt \
	&& compile() { echo "$$1"; "$$tmp/bin/uv" $(UV_COMPILE) $(LOCK) -o "$$1" "$$2" $$3; } \
	&& compile requirements/uv.txt requirements/uv.in \
	&& compile requirements/go.txt requirements/go.in \
	&& compile requirements/simcloud.txt requirements/simcloud.in \
	&& compile requirements.txt requirements/local.in '-c requirements/simcloud.txt' \
	&& compile requirements/otel.txt requirements/otel.in '-c requirements.txt' \
	&& for each in dev aws azure gcp spark; do compile requirements/$$each.txt requirements/$$each.in \
		'-c requirements/simcloud.txt' || exit 1; done \
	&& compile requirements/azureml.txt requirements/azureml.in \
	&& compile requirements/triton.txt requirements/triton.in \
	&& compile requirements/sagemaker.txt requirements/sagemaker.in "$(SAGEMAKER_IMAGE)" \
	&& compile training/jobs/azure.txt requirements/azure-jobs.in '-c requirements/simcloud.txt' \
	&& sed -n '/^#/p' requirements/local.in | cat - requirements.txt > "$$tmp/local" \
	&& cat "$$tmp/local" > requirements.txt

.PHONY: clean
clean:  ## remove .venv and caches; keeps the stacks' state in .mlops
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: FORCE
FORCE:

.venv/.local: requirements.txt requirements/uv.txt pyproject.toml $(BROKEN_VENV)
	@[ -n "$(PYTHON)" ] || { echo "no Python 3.10 or later that can make virtual environments;" \
	"looked at:"; for p in $(PYTHONS); do echo "  $$p: $$("$$p" --version 2>&1 | tail -n 1)"; done; \
	echo "install one, or name it: make PYTHON=/path/to/python3"; exit 1; } >&2
	@$(PYTHON) tools/environment.py local

# Other lock files on top: dev, aws, azure, gcp, simcloud, spark. For instance `make .venv/.aws`.
.venv/.%: requirements/%.txt .venv/.local
	@.venv/bin/python tools/environment.py $*

# What stands in front of the scoring code in a cloud, for the tests that start it.
$(SERVING): .venv/%/.done: requirements/%.txt tools/serving_software.py .venv/.local
	@.venv/bin/python tools/serving_software.py $*

.venv/bin/actionlint: .venv/.local $(wildcard tools/actionlint_module/go.*)
	@.venv/bin/python tools/actionlint.py .venv/bin

.venv/engine-path: .venv/.local $(wildcard tools/engine*.py tools/engine_modules/*/go.*) $(BROKEN_ENGINE)
	@.venv/bin/python tools/engine.py > $@.new && mv $@.new $@
