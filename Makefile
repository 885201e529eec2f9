# Everything runs from .venv, which these commands make where it is missing; nothing is installed twice.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NEED ?= 8英寸硅基MEMS压力传感器要小批量流片,需要深硅刻蚀和晶圆级封装,长三角优先,三个月内出第一批
HOST ?= 127.0.0.1
PORT ?= 8000
WORKERS ?= 1
OUT ?= var/screenshots
# Processes that tests run in; the tests of one file stay together, for they share what is slow to make. One that dies
# ends the run: xdist waits for ever for what it would have told.
JOBS ?= auto

# Slow are those of three seconds and more, of PostgreSQL, and of pages in further variants; they run in CI.
ifneq ($(CI)$(SLOW),)
MARKS := not benchmark
else
MARKS := not slow and not benchmark
endif

.DEFAULT_GOAL := help
.PHONY: help match serve test screenshots check lint evaluate bench bench-quality bench-speed soak clean

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

match: $(VENV)/.installed ## rank a sample need, or NEED="…", over the shipped catalogue
	@$(BIN)/pilotmatch match "$(NEED)"

serve: $(VENV)/.installed ## pages and API on http://127.0.0.1:8000 (HOST, PORT, WORKERS; DEMO=1: accounts to try)
	@$(BIN)/pilotmatch serve --host $(HOST) --port $(PORT) --workers $(WORKERS) $(if $(DEMO),--demo)

test: $(VENV)/.installed-test $(VENV)/.installed-browser ## tests of some ten minutes (SLOW=1: with the slow ones, as CI runs them)
	$(BIN)/python -m pytest -m "$(MARKS)" --numprocesses=$(JOBS) --dist=loadfile --max-worker-restart=0

screenshots: $(VENV)/.installed-test $(VENV)/.installed-browser ## pictures of every page (OUT=folder), for people to look at
	$(BIN)/python -m tests.api.portal.screenshots $(OUT)

check: lint test ## style, types, import directions, tests

lint: $(VENV)/.installed-test ## style, types and import directions only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

evaluate: $(VENV)/.installed ## quality of the ranking on needs_dev (fitted on: see README for out-of-fold figures)
	@$(BIN)/pilotmatch evaluate --needs datasets/needs_dev.jsonl --judgements datasets/judgements_dev.tsv

bench: $(VENV)/.installed-test ## speed at 798 and 24,000 listings, with recall
	$(BIN)/python -m tests.benchmarks.speed

bench-quality: $(VENV)/.installed-rivals ## ours and rivals on needs_dev in one run
	$(BIN)/python -m tests.benchmarks.quality

soak: $(VENV)/.installed-test ## ten minutes at four fifths of what the service can do, while listings are published
	$(BIN)/python -m tests.benchmarks.soak --minutes 10

bench-speed: $(VENV)/.installed-rivals ## ours and rivals side by side at 798, 24,000 and 100,000 listings (hours)
	$(BIN)/python -m tests.benchmarks.side_by_side

clean: ## remove the environment and everything derived
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "需要 Python 3.11 或更新版本;可用 make PYTHON=python3.12 … 指定"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "无法建立虚拟环境;在 Debian 或 Ubuntu 上先运行 apt install python3-venv"; exit 1; }

# The marker is written last, so an installation that broke off is taken up again.
$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	@echo "安装依赖(首次需要几分钟)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-test: pyproject.toml | $(VENV)/bin/python
	@echo "安装依赖与测试工具(首次需要几分钟)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $(VENV)/.installed $@

# Pages are tested in Chromium with a Chinese font. Debian and Ubuntu have both as packages; elsewhere they are yours to
# install, and without them the tests of pages are left out (in CI they fail).
$(VENV)/.installed-browser: | $(VENV)/bin/python
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { \
		echo "安装 Chromium 与中文字体(浏览器测试用)…"; \
		SUDO=$$([ "$$(id -u)" = 0 ] || echo sudo -n); \
		{ $$SUDO apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$SUDO apt-get install -y -qq --no-install-recommends \
			chromium fonts-noto-cjk >/dev/null; } || echo "没有装上 Chromium:浏览器测试将跳过"; }
	@touch $@

$(VENV)/.installed-rivals: $(VENV)/.installed-test
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,rivals]'
	@touch $@
