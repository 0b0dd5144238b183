"""However a bundle is damaged, the check answers with problems, never with a traceback."""

from __future__ import annotations

import random

import pytest

from tests.unit.policy_bundle import bundle
from xindeng.policy.bundle import load
from xindeng.policy.cases import run_cases
from xindeng.policy.check import problems

SOUND = bundle()
VALUES = ["", "null", "[]", "{}", "[1]", "{a: 1}", "-1", "1e400", ".nan", "true", "'x'", "99999999999999999999",
          "9223372036854775807", "{zh: 1}", "[[1]]", "2024-01-01", "$x", "x > 1", "{$", "'{a:'", "\u0000", "\u2028"]  # fmt: skip


def damaged(rng: random.Random) -> dict[str, bytes]:
    """Return the sound bundle with one to three accidents."""
    files = dict(SOUND)
    for _ in range(rng.randint(1, 3)):
        path = rng.choice(sorted(files))
        lines = files[path].decode().split("\n")
        place = rng.randrange(len(lines))
        match rng.randrange(7):
            case 0:
                del lines[place]
            case 1:
                head, colon, _ = lines[place].partition(":")
                lines[place] = f"{head}{colon} {rng.choice(VALUES)}"
            case 2:
                lines[place] = lines[place].replace(
                    rng.choice("[]{},:'\" "), rng.choice(["", "x", "["]), 1
                )
            case 3:
                lines.insert(place, rng.choice(lines))
            case 4:
                lines[place] = "  " + lines[place]
            case 5:
                words = lines[place].split(" ")
                words[rng.randrange(len(words))] = rng.choice(VALUES)
                lines[place] = " ".join(words)
            case _:
                lines = lines[:place]
        files[path] = "\n".join(lines).encode()
    return files


@pytest.mark.parametrize("seed", range(12))
def test_damage_gives_problems_or_a_policy_that_runs(seed):
    rng = random.Random(seed)
    for _ in range(12):
        files = damaged(rng)
        found = problems(files)
        for problem in found:
            assert problem.path in files or problem.code == "bundle.missing_file", problem
            assert 1 <= problem.line <= files.get(problem.path, b"").count(b"\n") + 1, problem
            assert problem.what
            assert len(problem.what) < 500
        if not found:
            assert run_cases(load(files))
