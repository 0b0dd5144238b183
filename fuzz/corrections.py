"""Corrections, YAML: `python -m fuzz.corrections CORPUS -max_total_time=600`."""

from __future__ import annotations

from fuzz.target import main, over_file
from xindeng.intake.corrections import read_corrections

one_input = over_file(
    lambda path: read_corrections(path, {"p": "李四"}),
    "corrections.yaml",
)

if __name__ == "__main__":
    main(one_input)
