"""A file of a policy bundle, YAML: `python -m fuzz.bundle CORPUS -max_total_time=600`.

The first byte says in which file of the shipped policy the rest is put.
"""

from __future__ import annotations

from fuzz.target import main
from xindeng.kernel.errors import PolicyError
from xindeng.policy.bundle import load
from xindeng.service.policies import read_bundle

FILES = read_bundle("bank_cashflow")
PLACES = sorted(FILES)


def one_input(data: bytes) -> bool:
    """Load the bundle with one file replaced; whether it checks. Problems name file and line."""
    place = PLACES[data[0] % len(PLACES)] if data else PLACES[0]
    try:
        load({**FILES, place: data[1:]})
    except PolicyError as error:
        assert error.problems
        assert all(one.path and one.line >= 0 and one.code for one in error.problems)
        return False
    return True


if __name__ == "__main__":
    main(one_input)
