"""What a counterparty is, told without its name: a prefix before the hash that stands for it.

An importer sees the name and says what sort of party it is; everybody after it sees the sort
alone. `org:1f0c…` an organisation, `person:…` a natural person, `lender:…` one whose business is
lending, `till:…` somebody who paid at the person's own collection code. Other ids say nothing.
"""

from __future__ import annotations

from typing import Final, Literal

PartySort = Literal["org", "person", "lender", "till", "unknown"]
_PREFIXES: Final[dict[str, PartySort]] = {
    "org": "org",
    "person": "person",
    "lender": "lender",
    "till": "till",
}


def sorted_party(sort: PartySort, name: str) -> str:
    """Return the counterparty id of a hashed `name` whose sort is known."""
    return name if sort == "unknown" else f"{sort}:{name}"


def sort_of(party: str | None) -> PartySort:
    """Return what a counterparty id says about its sort."""
    return _PREFIXES.get((party or "").partition(":")[0], "unknown") if party else "unknown"
