# `make demo` and `make test` need python3 (3.11 or newer), git and a package index; they set up the rest in .venv.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PY := .venv/bin/python
READY := .venv/ready

.PHONY: demo test prove fuzz fuzz-language update-stories faults parity families golden readme benchmark catalogue schema clean

demo: $(READY)
	rm -rf build/demo
	$(PY) -m nngen new golden/my_cnn/architecture.yaml build/demo
	cd build/demo && ../../$(PY) -m my_cnn.train
	cd build/demo && ../../$(PY) -m my_cnn.evaluate
	@echo "Training curves: $$(find build/demo -name curves.png)"

test: $(READY)
	$(PY) -m ruff check --quiet .
	$(PY) -m black --check --quiet . || { $(PY) -m black --diff --quiet .; exit 1; }
	$(PY) -m mypy --no-error-summary
	@imports=$$(.venv/bin/lint-imports --no-cache --no-logo 2>&1) || { echo "$$imports"; exit 1; }
	$(PY) -m pytest -n 2 --dist worksteal

# The large draw: every layer against torch in tens of thousands of configurations; says how many.
prove: $(READY)
	$(PY) -m pytest tests/network/test_shapes.py --draws 300

# Mutated descriptions through nngen and torch; says what fails, made small. COUNT of them, another SEED draws others.
COUNT ?= 20000
faults: COUNT = 300
SEED ?= 0
fuzz: $(READY)
	cd tests && ../$(PY) -m fuzz --count $(COUNT) --seed $(SEED)

# Random descriptions over the whole language: what is emitted computes what an interpreter of the description computes.
fuzz-language: $(READY)
	cd tests && ../$(PY) -m fuzz_language --count $(COUNT) --seed $(SEED)

# Hand edits times changes of description or template: nothing lost, and what is independent merges. Then 2,000 drawn
# triples and 2,000 adversarial ones that git leaves in conflict: none is merged wrongly.
update-stories: $(READY)
	$(PY) tests/stories/report.py

# Kills new and update at random moments: the project is as before or as after, and the next call works.
faults: $(READY)
	$(PY) tests/faults.py --count $(COUNT) --seed $(SEED)

# Compares the example networks with torchvision, transformers and networks written by hand.
parity: $(READY)
	$(PY) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[parity]'
	$(PY) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --no-deps torchvision
	$(PY) -m pytest tests/parity

# Trains the examples of the families, each beside a baseline that knows nothing of nngen; prints what they reached.
families: $(READY)
	cd tests && ../$(PY) -m families

# Accepts what nngen generates now as what the goldens hold.
golden: $(READY)
	$(PY) tests/golden_files.py

# Puts real output, and the picture that the demo draws, into README.md.
readme: demo
	cp build/demo/runs/curves.png docs/curves.png
	NNGEN_ACCEPT=1 $(PY) -m pytest tests/cli/test_readme.py

benchmark: $(READY)
	$(PY) benchmarks/training.py
	$(PY) benchmarks/families.py
	$(PY) benchmarks/generation.py
	$(PY) benchmarks/proof.py

# Reads torch's classes into schemas/.
catalogue: $(READY)
	$(PY) -m nngen.language.catalogue.refresh
	$(PY) -m nngen.cli.schema

# Makes the JSON Schema for editors from what the checker knows.
schema: $(READY)
	$(PY) -m nngen.cli.schema

clean:
	rm -rf .venv build dist

$(READY): pyproject.toml constraints.txt tests/editor/package-lock.json
	@echo "Setting up .venv; PyTorch is large, so the first time takes a while"
	@$(PYTHON) -m venv .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@command -v npm >/dev/null && npm ci --prefix tests/editor --silent --no-audit --no-fund \
		|| echo "No language server, so tests/cli/test_editor.py is skipped: npm is missing, or has no registry"
	@touch $(READY)
