"""What a bundle says, once read: values without behaviour, each with the place it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from xindeng.language import Value

AREAS: Final = (
    "bureau", "debt", "applications", "activity", "cash_flow", "identity", "security",
    "consumption", "network", "location", "attempts", "score", "line", "platform",
)  # fmt: skip
WITHHOLDING_AREAS: Final = frozenset({"security", "cash_flow", "network"})
LIGHTS: Final = ("yellow", "red", "grey", "platform")
EFFECTS: Final = (
    "decline", "retry_later", "review", "hold", "cap", "cut_limit", "zero_limit", "warn",
)  # fmt: skip
WHOSE: Final = ("borrower", "time", "platform", "withheld")
MISSING: Final = ("grey", "yellow", "red")
EXPIRIES: Final = ("release", "human")
STOPS: Final = ("accrual", "collection")
EXPECTATIONS: Final = ("fires", "quiet", "missing")
AUDIENCES: Final = ("borrower", "support", "auditor")
CATEGORIES: Final = (
    "financial", "credit_history", "behaviour", "identity", "security", "contract", "device",
    "platform", "network", "location", "browsing", "request", "partners",
)  # fmt: skip
CONSENTS: Final = ("contract", "general", "separate", "legal_duty")
SENSITIVE: Final[Mapping[str, frozenset[str]]] = {
    "network": frozenset({"relation", "network_snapshot"}),
    "location": frozenset({"location"}),
    "browsing": frozenset({"browsing_risk"}),
}
"""Categories that need a separate consent or a legal duty, and the events that belong to them."""
CONSENTED: Final[Mapping[str, frozenset[str]]] = {
    **SENSITIVE,
    "bureau": frozenset({"credit_report", "bureau_summary", "credit_inquiry", "external_debt"}),
    "transactions": frozenset({"payment", "purchase", "instalment_purchase"}),
}
"""Categories of the consent event, and the events whose use ends when it is withdrawn."""
ACTIONS: Final = (
    "pay_down", "consolidate", "stop_applying", "settle_overdue", "dispute", "verify_identity",
    "secure_account", "explain_flow", "show_income", "keep_active", "spend_less", "borrow_less",
    "wait", "seek_hardship_help", "contact_support",
)  # fmt: skip
RESERVED_FEATURES: Final = ("limit_shown", "exposure", "open_draws", "available")
"""What every policy with a `line` area must define as features."""
ENGINE_PARAMETERS: Final = ("min_draw", "amount_step")
"""What the amount frontier reads: the grid between $min_draw and the available amount."""


def consent_feature(category: str) -> str:
    """Return the name of the feature that tells how the consent of a category stands."""
    return f"consent_{category}"


Texts = Mapping[str, Mapping[str, str]]
"""language → audience → text."""


@dataclass(frozen=True, slots=True)
class Place:
    """A file and line of the bundle."""

    path: str
    line: int

    def __str__(self) -> str:
        """Return "path:line"."""
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Area:
    """One light; `title` overrides the usual name."""

    name: str
    enabled: bool
    title: Mapping[str, str]
    line: int


@dataclass(frozen=True, slots=True)
class Stance:
    """How the platform leans, in words, and after how many days it is reviewed."""

    name: str
    texts: Mapping[str, str]
    review_days: int | None


@dataclass(frozen=True, slots=True)
class Segment:
    """One kind of borrower; the first whose condition is TRUE applies."""

    name: str
    when: str
    title: Mapping[str, str]
    place: Place


@dataclass(frozen=True, slots=True)
class HoldSpec:
    """The hold a rule places: lasting `amount` × `unit` (a number or `$parameter`), and the cap."""

    kind: str
    mode: str
    unit: str
    lasts: str
    cap: str | None
    line: int


@dataclass(frozen=True, slots=True)
class DataUse:
    """What personal data a rule reads, for what, and on which basis."""

    category: str
    purpose: str
    consent: str
    line: int


@dataclass(frozen=True, slots=True)
class Case:
    """One situation of a rule and what must come of it; `day` None: the newest values' day."""

    given: Mapping[str, Value]
    day: int | None
    stance: str
    segment: str | None
    expect: str
    place: Place


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as written; `title` names its reason in a few words, {} where it has none.

    `lines` holds the line of each key.
    """

    id: str
    area: str
    when: str
    light: str
    effect: str
    reason: str
    whose: str
    missing: str
    until: str | None
    hold: HoldSpec | None
    repair: tuple[str, ...]
    data: DataUse
    texts: Texts
    cases: tuple[Case, ...]
    rank: int
    enabled: bool
    place: Place
    title: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)

    def at(self, key: str) -> int:
        """Return the line of a key of the rule."""
        return self.lines.get(key, self.place.line)


@dataclass(frozen=True, slots=True)
class RepairAction:
    """One thing a borrower can do, in words; `lag_days` until it shows in the data."""

    name: str
    texts: Mapping[str, str]
    details: Mapping[str, str]
    channel: Mapping[str, str]
    lag_days: int


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How a borrower uses the line; the first whose condition is TRUE applies."""

    name: str
    when: str
    place: Place
    title: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LimitRemedy:
    """Something a borrower can do within `days` that may avert a cut: base features it changes,
    each to the value of an expression. Whether it does avert one is worked out, not claimed."""

    name: str
    sets: Mapping[str, str]
    days: int
    texts: Mapping[str, str]
    place: Place


@dataclass(frozen=True, slots=True)
class HoldKindSpec:
    """How holds of one kind live. `days`, `max_days` and `max_extensions` are numbers or
    `$parameters`; the conditions are expressions, None where only a person may act."""

    kind: str
    title: Mapping[str, str]
    why: Mapping[str, str]
    ends: Mapping[str, str]
    owner: str
    days: str
    max_days: str
    max_extensions: str
    release_when: str | None
    extend_when: str | None
    ask_when: str | None
    on_expiry: str
    stops: tuple[str, ...]
    old_contact: bool
    place: Place
    lines: Mapping[str, int] = field(default_factory=dict)

    def at(self, key: str) -> int:
        """Return the line of a key of the kind."""
        return self.lines.get(key, self.place.line)


@dataclass(frozen=True, slots=True)
class LimitCell:
    """Target limit, step (minor units) and least days between changes for one combination."""

    segment: str
    band: str
    behaviour: str
    target: int
    step: int
    min_gap_days: int
    place: Place


@dataclass(frozen=True, slots=True)
class Limits:
    """The limit matrix and the first limits by segment, minor units; a limit is raised only where
    `raise_when` is TRUE, and cut only where `cut_when` is, always if they are None."""

    starter: Mapping[str, int]
    behaviours: tuple[Behaviour, ...]
    matrix: tuple[LimitCell, ...]
    remedies: tuple[LimitRemedy, ...] = ()
    raise_when: str | None = None
    raise_place: Place | None = None
    cut_when: str | None = None
    cut_place: Place | None = None


@dataclass(frozen=True, slots=True)
class Learning:
    """The test-and-learn arm: borrowers drawn by lot are lent to although rules of `passes` refuse.

    `share_ppm` of borrowers are in the arm and `hold_out_ppm` are kept out of every trial, in
    parts of a million; which ones follows from `salt`. It runs from day `first` to before day
    `last` (None: for good), for draws of up to `at_most` minor units. `budget` is all that it may
    ever lose.
    """

    salt: str
    share_ppm: int
    hold_out_ppm: int
    first: int
    last: int | None
    passes: tuple[str, ...]
    at_most: int
    budget: int
    place: Place
    lines: Mapping[str, int] = field(default_factory=dict)

    def at(self, key: str) -> int:
        """Return the line of a key of the arm."""
        return self.lines.get(key, self.place.line)


@dataclass(frozen=True, slots=True)
class Head:
    """What policy.yaml says: names, money, time zone, and the areas in the order of the lights."""

    name: str
    version: str
    title: Mapping[str, str]
    currency: str
    zone: str
    areas: tuple[Area, ...]
    stance_default: str
    ladder: tuple[str, ...]
