# Proofs and benchmarks. A new proof is tests/proofs/NAME.py, a new benchmark benchmarks/NAME.py;
# nothing has to be added here. Arguments: make prove-oracle ARGS="--cases 1000"
PYTHON := .venv/bin/python
ARGS ?=

.PHONY: help serve test lock bench-import

help:
	@echo "make serve        准备好一切并打开网站"
	@echo "make test         运行全部检查"
	@echo "make prove-NAME   运行证明：$(patsubst tests/proofs/%.py,%,$(wildcard tests/proofs/[a-z]*.py))"
	@echo "make bench-NAME   运行基准：见 docs/benchmarks.md"
	@echo "make lock         依据 pyproject.toml 重写依赖锁定文件"

serve:
	python3 dev.py serve

test:
	python3 dev.py test

prove-%: tests/proofs/%.py
	@python3 dev.py setup --lock dev
	$(PYTHON) -m tests.proofs.$* $(ARGS)

# `import` cannot be the name of a module.
bench-import: benchmarks/importing.py
	@python3 dev.py setup --lock bench
	$(PYTHON) -m benchmarks.importing $(ARGS)

bench-%: benchmarks/%.py
	@python3 dev.py setup --lock bench
	$(PYTHON) -m benchmarks.$* $(ARGS)

lock:
	@python3 dev.py setup --lock dev
	$(PYTHON) requirements/lock.py
