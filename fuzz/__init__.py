"""Coverage-guided fuzzing of the importers with atheris; not part of `make test`.

`pip install atheris` into a virtual environment that has xindeng, then e.g.

    python -m fuzz.alipay fuzz-corpus/ -max_total_time=600

A target may answer with events or with an ImportFileError; anything else is a finding. The same
targets run once over plain seeds in `tests/property/test_fuzz_targets.py`.
"""
