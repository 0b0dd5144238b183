"""What the engine names in code, in words: for the desks, where a bare code is read by nobody.

A policy names its own things in its bundle (titles of areas, segments and reasons, labels of
features); what every policy has in common is told here. A name that has no words stays a name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from markupsafe import Markup, escape

from xindeng.decision.words import AREA_WORDS, LIGHT_WORDS
from xindeng.policy.diff.words import EFFECTS
from xindeng.policy.policy import Policy
from xindeng.policy.stance_words import NAMES
from xindeng.web.look import Look


def _(text: str) -> str:
    """Mark a text for the catalogues."""
    return text


_LIGHT_OF: Final = {"grey": "no_data", "platform": "our_side"}
"""Lights as rules write them → lights as they are shown."""
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "outcome": {
        "approve": _("approved"), "approve_less": _("less offered"), "retry_later": _("later"),
        "review": _("to a person"), "decline": _("declined"),
    },
    "whose": {
        "borrower": _("the borrower's to change"), "time": _("time heals it"),
        "platform": _("our side"), "withheld": _("withheld for safety"),
    },
    "state": {"fires": _("fires"), "fired": _("fired"), "quiet": _("quiet"),
              "missing": _("no data")},
    "category": {
        "financial": _("income and debts"), "credit_history": _("credit history"),
        "behaviour": _("behaviour"), "identity": _("identity"), "security": _("account security"),
        "contract": _("this line"), "device": _("devices"), "platform": _("our side"),
        "network": _("linked accounts"), "location": _("location"),
        "browsing": _("browsing tags"), "request": _("the request"), "partners": _("partners"),
        "consent": _("consents"),
    },
    "purpose": {
        "account_protection": _("protect the account"), "account_use": _("use of the account"),
        "affordability": _("affordability"), "credit_seeking": _("seeking of credit"),
        "creditworthiness": _("creditworthiness"), "data_quality": _("quality of data"),
        "early_help": _("early help"), "fair_treatment": _("fair treatment"),
        "fraud_prevention": _("prevention of fraud"), "hardship": _("help in hardship"),
        "identity_check": _("check of identity"),
        "identity_protection": _("protection of identity"), "legal_cap": _("legal cap"),
        "legal_capacity": _("legal capacity"), "legal_check": _("legal check"),
        "line_management": _("running of the line"), "portfolio_risk": _("risk of the portfolio"),
        "portfolio_steering": _("steering of the portfolio"), "price_cap": _("cap of the price"),
        "product_terms": _("terms of the product"), "real_name": _("real name"),
        "repayment": _("repayment"), "service_status": _("state of the service"),
        "student_protection": _("protection of students"), "use_of_funds": _("use of funds"),
    },
    "basis": {"contract": _("the contract"), "general": _("general consent"),
              "separate": _("separate consent"), "legal_duty": _("legal duty")},
    "owner": {
        "borrower": _("the borrower"), "credit_operations": _("credit operations"),
        "platform_operations": _("platform operations"), "risk_operations": _("risk operations"),
        "security_operations": _("security operations"), "servicing": _("servicing"),
    },
    "column": {
        "request_amount": _("amount asked for"), "request_term_months": _("months asked for"),
        "request_rate_bp": _("yearly rate"), "request_purpose": _("purpose"),
        "request_instalment": _("instalment of the draw"), "stance": _("stance"),
        "segment": _("segment"), "score": _("score"), "score_band": _("score band"),
        "now": _("instant"), "today": _("day"), "hour_of_day": _("hour of the day"),
    },
    "unit": {"bp": _("hundredths of a percent"), "count": _("times or pieces"), "days": _("days"),
             "fen": _("money"), "flag": _("yes or no"), "hours": _("hours"),
             "minutes": _("minutes"), "months": _("months"), "points": _("points"),
             "ratio": _("share")},
    "actor": {
        "steering": _("published series"), "operations": _("operations (by program)"),
        "policy": _("the policy"), "restore": _("restore (by program)"),
        "retention": _("retention (by program)"), "person": _("a person"),
    },
    "rail": {
        "approval": _("approves more or less than the champion"),
        "review": _("sends more to a person"), "fpd1": _("first instalment a day late"),
        "fpd7": _("first instalment seven days late"), "slow": _("slow decisions"),
        "errors": _("could not decide"), "at_risk": _("owed on its approvals"),
        "loss": _("late or written off"),
    },
    "outcome of a loan": {
        "fpd_1": _("first instalment 1 day late"), "fpd_7": _("first instalment 7 days late"),
        "fpd_30": _("first instalment 30 days late"),
        "ever_30_mob_3": _("ever 30 days late in 3 months"),
        "ever_30_mob_6": _("ever 30 days late in 6 months"),
        "at_90_mob_12": _("90 days late after 12 months"),
    },
    "value": {
        "assumption": _("assumption"), "unknown": _("not known"), "passed": _("passed"),
        "failed": _("failed"), "employed": _("employed"), "retired": _("retired"),
        "self_employed": _("self-employed"), "freelance": _("freelance"),
        "student": _("student"), "unemployed": _("without work"),
    },
    "mode": {"live": _("live"), "shadow": _("shadow")},
}  # fmt: skip
"""Kind of name → name → English; the names of a policy are in its bundle."""
_STAFF: Final = "staff:"
_NO_SHARE: Final = 10
_CODE: Final = re.compile(
    r"(?<![\w/.@])(?:[a-z][a-z0-9]*(?:[._][a-z0-9]+)+|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?![\w@])"
)


def coded(text: object) -> Markup:
    """Return a text with the names of code in it marked as such; all of it escaped."""
    # What gettext filled in is escaped already; escaping that once more would show the entities.
    told = text.unescape() if isinstance(text, Markup) else str(text)
    parts, last = [], 0
    for found in _CODE.finditer(told):
        parts += [escape(told[last : found.start()]), Markup("<code>{}</code>").format(found[0])]
        last = found.end()
    return Markup("").join([*parts, escape(told[last:])])


@dataclass(frozen=True, slots=True)
class Terms:
    """The words of a visitor for the names of the engine and of one version of the policy."""

    look: Look
    policy: Policy

    def of(self, kind: str, name: str) -> str:
        """Return the words of a name of a closed list; the name itself where it has none."""
        text = WORDS[kind].get(name)
        return name if text is None else self.look.say(text)

    def light(self, name: str) -> str:
        """Return the word of a light, as a rule writes it or as it is shown."""
        words: Mapping[Any, str] = LIGHT_WORDS[self.look.lang]
        return words.get(_LIGHT_OF.get(name, name), name)

    def effect(self, name: str) -> str:
        """Return what a rule does."""
        return EFFECTS[self.look.lang].get(name, name)

    def stance(self, name: str) -> str:
        """Return the name of a stance."""
        return NAMES[self.look.lang].get(name, name)

    def segment(self, name: str) -> str:
        """Return the title of a segment."""
        if name == "all":
            return self.look.say("all segments")
        return self.policy.segment_titles.get(name, {}).get(self.look.lang, name)

    def area(self, name: str) -> str:
        """Return the title of an area."""
        known = self.policy.area_by_name.get(name)
        title = known.title.get(self.look.lang) if known else None
        return title or AREA_WORDS[self.look.lang].get(name, name)

    def feature(self, name: str) -> str:
        """Return what a column holds, "" where neither the policy nor we have words for it."""
        label = self.policy.book.labels.get(name, {}).get(self.look.lang)
        return label or (self.of("column", name) if name in WORDS["column"] else "")

    def reason(self, code: str) -> str:
        """Return a reason in a few words, "" where the policy gives it none."""
        return _titles(self.policy).get(code, {}).get(self.look.lang, "")

    def rule(self, ident: str) -> str:
        """Return what a rule is about in a few words, "" where the policy does not say."""
        found = self.policy.rule_by_id.get(ident)
        return "" if found is None else found.title.get(self.look.lang, "")

    def plain(self, text: str) -> str:
        """Return the words of a text that is nothing but a name, any other text as it is."""
        if text in self.policy.rule_by_id:
            return self.rule(text) or text
        if text in self.policy.segment_titles:
            return self.segment(text)
        for kind in ("outcome of a loan", "value"):
            if text in WORDS[kind]:
                return self.of(kind, text)
        if text in EFFECTS[self.look.lang]:
            return self.effect(text)
        if text in WORDS["outcome"]:
            return self.of("outcome", text)
        return self.area(text) if text in self.policy.areas else self.reason(text) or text

    def cell(self, text: str) -> Markup:
        """Return a cell of a table: a name in words with the name beside it, all else as it is
        with the names in it marked."""
        words = self.plain(text)
        return coded(text) if words == text else Markup("{} <code>{}</code>").format(words, text)

    def line(self, text: str) -> Markup:
        """Return a line that begins with the name of a rule or parameter, its words before it."""
        found = _CODE.search(text[:80])
        words = "" if found is None else self.rule(found[0]) or self._parameter(found[0])
        return Markup("{} · {}").format(words, coded(text)) if words else coded(text)

    def _parameter(self, name: str) -> str:
        found = self.policy.book_of_parameters.by_name.get(name)
        return "" if found is None else found.description.get(self.look.lang, "")

    def who(self, actor: str) -> str:
        """Return the name of whoever did something, as people call them."""
        return self.of("actor", actor.removeprefix(_STAFF))

    def figure(self, value: object, unit: str) -> str:
        """Return the value of a parameter with its unit."""
        look = self.look
        if isinstance(value, bool):
            return look.say("yes") if value else look.say("no")
        if not isinstance(value, int | float):
            return "—" if value is None else str(value)
        if unit == "fen" and isinstance(value, int):
            return look.money(value, self.policy.currency)
        share = value / 10_000 if unit == "bp" else value
        # A share that is many times the whole is no share but a bound that never binds.
        if unit == "bp" or (unit == "ratio" and share < _NO_SHARE):
            return look.percent(share, 2 if round(share, 3) != share else 1 if (
                round(share, 2) != share) else 0)  # fmt: skip
        told = look.number(value)
        return told if unit in ("", "count", "flag") else f"{told} {self.of('unit', unit)}"


@lru_cache(maxsize=8)
def _titles(policy: Policy) -> Mapping[str, Mapping[str, str]]:
    found: dict[str, Mapping[str, str]] = {}
    for rule in policy.all_rules:
        if rule.title:
            found.setdefault(rule.reason, rule.title)
    return found
