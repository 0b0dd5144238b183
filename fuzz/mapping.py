"""Mapping files of bank statements: `python -m fuzz.mapping CORPUS -max_total_time=600`."""

from __future__ import annotations

from fuzz.target import main, over_file
from xindeng.intake.statement import read_mapping

one_input = over_file(
    lambda path: read_mapping(path.name, path.read_bytes()),
    "mapping.yaml",
)

if __name__ == "__main__":
    main(one_input)
