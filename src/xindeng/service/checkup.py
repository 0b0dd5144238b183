"""A check-up of a person's own files: read, fold, ask the reference policy, put into words.

Everything happens in this process: no server, no database, no network.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from xindeng.decision.request import Request
from xindeng.decision.words import Language
from xindeng.events.catalogue import CATALOGUE
from xindeng.events.credit import CreditReport
from xindeng.events.envelope import Event, content_id
from xindeng.events.expand import expand
from xindeng.events.fields import Payload
from xindeng.events.life import IncomeEvidence
from xindeng.intake.corrections import read_corrections
from xindeng.intake.counted_once import counted_once
from xindeng.intake.debts_table import read_debts
from xindeng.intake.files import read_bytes
from xindeng.intake.note_words import in_chinese
from xindeng.intake.papers import mapping_at, read_paper
from xindeng.intake.pboc.read import read_pboc
from xindeng.intake.report import ImportReport
from xindeng.kernel.errors import InputError
from xindeng.policy.policy import Policy
from xindeng.repair.checkup.blocks import Report
from xindeng.repair.checkup.checkup import CheckUp, check_up
from xindeng.repair.checkup.debts import debt_section, ways_of
from xindeng.repair.checkup.headline import headline
from xindeng.repair.checkup.others import alternatives, fund
from xindeng.repair.checkup.papers import Paper, PaperKind, Papers
from xindeng.repair.checkup.report import report_of
from xindeng.repair.checkup.say import Say
from xindeng.repair.checkup.since import FLOW_TYPES, NO_BILLS, Since, gone_on, since_bills
from xindeng.repair.checkup.standing import assumed_events, in_sequence
from xindeng.repair.checkup.together import Together, debts_of_flows, together
from xindeng.repair.checkup.way import plan_section, projection_section
from xindeng.repair.debt import Debt, debts_of_report, external_debt
from xindeng.repair.dossier import Dossier, dossier_of
from xindeng.repair.flows.kinds import NO_FLOWS, Flows
from xindeng.repair.flows.recognise import recognise, relabelled
from xindeng.repair.plans.projection import project
from xindeng.repair.plans.search import find_plans
from xindeng.repair.review.labels import account_labels
from xindeng.service.alternatives import load_alternatives

BORROWER: Final = "me"
NO_DEBTS: Final = Together((), ())
NO_PAPERS: Final = Papers()
Progress = Callable[[str, int, int], None]
"""Called with a file's name, how many files are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Handed:
    """What a person hands in; `income` is a month's in minor units, and `stated` what the report
    calls the place where it was stated; `sent` as in `Papers`."""

    bills: tuple[Path, ...] = ()
    statements: tuple[Path, ...] = ()
    mapping: Path | None = None
    report: Path | None = None
    debts: Path | None = None
    income: int | None = None
    corrections: Path | None = None
    offers: Path | None = None
    stated: str = "--income"
    sent: bool = False

    @property
    def files(self) -> int:
        """Return how many files are read."""
        return len(self.bills) + len(self.statements) + bool(self.report) + bool(self.debts)


@dataclass(slots=True)
class Read:
    """What was read: the person's own `events`, unsequenced, and what is told of the papers.

    `gone_on` is what is taken for granted of the days since the bills end.
    """

    events: list[Event] = field(default_factory=list)
    gone_on: list[Event] = field(default_factory=list)
    since: Since = NO_BILLS
    flows: Flows = NO_FLOWS
    declared: tuple[Debt, ...] = ()
    debts: Together = NO_DEBTS
    papers: Papers = NO_PAPERS
    report: str = "credit_report"


@dataclass(frozen=True, slots=True)
class Done:
    """A finished check-up, and the dossier that it rests on."""

    checkup: CheckUp
    report: Report
    dossier: Dossier
    read: Read


def run(
    policy: Policy,
    handed: Handed,
    now: int,
    lang: Language,
    *,
    request: Request | None = None,
    progress: Progress = lambda *_: None,
) -> Done:
    """Return the check-up of the files as of `now` (µs).

    Raises InputError where nothing was handed in, and ImportFileError naming file and line for
    what cannot be read.
    """
    read = read_papers(policy, handed, now, progress)
    if lang == "zh":
        read.papers = _in_chinese(read.papers)
    told = {event.type for event in read.events} - (FLOW_TYPES if read.since.old else set())
    own = [event for event in read.events if event.type in told]
    events = in_sequence([*assumed_events(policy, BORROWER, now, told), *own, *read.gone_on])
    dossier = dossier_of(policy, events, debts=read.debts.debts)
    found = check_up(
        policy, dossier, now, told=told, request=request, flows=read.flows,
        since=read.since, report_source=read.report,
    )  # fmt: skip
    say = Say(policy, lang, now, read.papers)
    reference = load_alternatives(handed.offers)
    ways = ways_of(found, reference, say)
    lasts = [way.course.months for way in ways.ways if way.course.months] if ways else []
    plans = find_plans(policy, dossier, found.request, now)
    middle = [
        debt_section(found, read.debts, ways, reference, say),
        plan_section(found, plans, say),
        projection_section(found, project(policy, dossier, now, request=found.request), say, ways),
    ]
    after = [
        alternatives(found, reference, say),
        fund(found, reference, say, min(lasts, default=None), read.events),
    ]
    report = report_of(
        policy,
        found,
        lang,
        papers=read.papers,
        events=read.events,
        headline=headline(found, plans, say),
        middle=middle,
        after=after,
    )
    return Done(found, report, dossier, read)


def read_papers(policy: Policy, handed: Handed, now: int, progress: Progress) -> Read:
    """Read every file once; raises as `run` does."""
    if not handed.files and handed.income is None:
        raise InputError(
            "there is nothing to check",
            where="xindeng checkup",
            next_step="give --bills, --report or --debts; `xindeng lab papers DIR` makes samples",
            code="checkup.nothing",
        )
    return _Reader(policy, handed, now, progress).read()


class _Reader:
    """Reads the papers in turn and remembers where each event came from."""

    def __init__(self, policy: Policy, handed: Handed, now: int, progress: Progress) -> None:
        self.policy, self.handed, self.now, self.progress = policy, handed, now, progress
        self.done = 0
        self.papers: list[Paper] = []
        self.files: dict[str, list[str]] = {}
        self.places: dict[str, str] = {}
        self.names: dict[str, str] = {}

    def read(self) -> Read:
        found = Read()
        flows, bills = self._bills(found)
        report = self._report(found)
        declared = self._debts()
        reported = [
            debt
            for event in report
            if isinstance(event.payload, CreditReport)
            for debt in _named(event.payload, found.report)
        ]
        found.declared, found.flows = declared, flows
        found.debts = together(declared, reported)
        if not found.debts.debts:
            found.debts = Together(debts_of_flows(flows, self.names), ())
        found.events = [*bills, *report, *self._stated(found)]
        found.papers = Papers(
            papers=tuple(self.papers),
            files={kind: tuple(names) for kind, names in self.files.items()},
            places=self.places,
            names=self.names,
            sent=self.handed.sent,
        )
        return found

    def _bills(self, found: Read) -> tuple[Flows, list[Event]]:
        """Return what is recognised in all bills and statements, and their events, each once."""
        handed, zone = self.handed, self.policy.zone
        mapping = None
        if handed.mapping is not None:
            mapping = mapping_at(handed.mapping)
        every: list[tuple[Path, PaperKind]] = [(path, "bills") for path in handed.bills]
        every += [(path, "statement") for path in handed.statements]
        read: list[tuple[list[Event], ImportReport]] = []
        seen: dict[str, str] = {}
        for path, kind in every:
            self._step(path)
            digest = hashlib.sha256(read_bytes(path)).hexdigest()
            if digest in seen:
                self._note(kind, path.name, f"the same file as {seen[digest]}")
                continue
            seen[digest] = path.name
            one = read_paper(
                path, borrower=BORROWER, zone=zone, now=self.now,
                mapping=mapping if kind == "statement" else None,
            )  # fmt: skip
            read.append(one)
            self._took(kind, path.name, *one)
        corrections = read_corrections(handed.corrections, self.names) if handed.corrections else ()
        if not read:
            return NO_FLOWS, []
        events = counted_once(read).events
        found.since = since_bills(self.policy, events, self.now)
        flows = recognise(
            events, found.since.seen(self.now), zone, corrections=corrections,
            currency=self.policy.currency,
        )  # fmt: skip
        named = relabelled(events, flows)
        found.gone_on = gone_on(named, found.since, self.now)
        return flows, named

    def _report(self, found: Read) -> list[Event]:
        path = self.handed.report
        if path is None:
            return []
        self._step(path)
        events, account = read_pboc(path, borrower=BORROWER, zone=self.policy.zone, key=None)
        day = self.policy.zone.day(self.now)
        for event in events:
            if self.policy.zone.day(event.occurred_at) > day:
                raise InputError(
                    "the report is dated after the day of the check-up",
                    where=path.name,
                    next_step="check the file, or give the day with --on",
                    code="checkup.future",
                )
        found.report = path.name
        every = [part for event in events for part in expand(event, self.policy.zone)]
        self._took("report", path.name, every, account)
        return every

    def _debts(self) -> tuple[Debt, ...]:
        path = self.handed.debts
        if path is None:
            return ()
        self._step(path)
        debts, account = read_debts(path, zone=self.policy.zone, now=self.now)
        self._took("debts", path.name, (), account)
        return debts

    def _stated(self, found: Read) -> list[Event]:
        """Return what the person states: income, and all debts as they are known together.

        Income that is not stated is what their flows show for an ordinary month: a bill that ends
        before pay day must not make a month look empty.
        """
        made: list[tuple[str, Payload, str]] = []
        shown = found.flows.monthly_income
        if self.handed.income is None and shown and not found.since.old:
            seen = IncomeEvidence(monthly_income=shown, source="statement", verified=True)
            made.append(("income_evidence", seen, ""))
        if self.handed.income is not None:
            income = IncomeEvidence(
                monthly_income=self.handed.income, source="declared", verified=True
            )
            made.append(("income_evidence", income, self.handed.stated))
            self._note("income", self.handed.stated, "", understood=1)
        if found.declared:
            debts = external_debt(found.debts.debts)
            made.append(("external_debt", debts, found.declared[0].source.split(":")[0]))
        for kind, _, name in made:
            if name:
                self.files.setdefault(kind, []).append(name)
        return [
            Event(content_id(kind, self.now), BORROWER, kind, CATALOGUE[kind].version,
                  self.now, self.now, payload)
            for kind, payload, _ in made
        ]  # fmt: skip

    def _step(self, path: Path) -> None:
        self.progress(path.name, self.done, self.handed.files)
        self.done += 1

    def _took(
        self, kind: PaperKind, name: str, events: Iterable[Event], account: ImportReport
    ) -> None:
        for event in events:
            names = self.files.setdefault(event.type, [])
            if name not in names:
                names.append(name)
            line = account.lines.get(event.id)
            self.places[event.id] = name if line is None else f"{name}:{line}"
        self.names |= account.names
        self.papers.append(
            Paper(
                kind=kind,
                name=name,
                understood=account.understood,
                skipped=tuple((one.line, one.reason) for one in account.skipped),
                notes=tuple(account.notes),
            )
        )

    def _note(self, kind: PaperKind, name: str, note: str, understood: int = 0) -> None:
        notes = (note,) if note else ()
        self.papers.append(Paper(kind=kind, name=name, understood=understood, notes=notes))


def _in_chinese(papers: Papers) -> Papers:
    """Return the papers with what their readers said of them in Chinese."""
    told = tuple(
        replace(
            one,
            skipped=tuple((line, in_chinese(why)) for line, why in one.skipped),
            notes=tuple(map(in_chinese, one.notes)),
        )
        for one in papers.papers
    )
    return dataclasses.replace(papers, papers=told)


def _named(report: CreditReport, file: str) -> list[Debt]:
    """Return the debts of a report, each with its file and record as the source."""
    labels = account_labels(report)
    return [
        replace(debt, source=f"{file} {labels.get(debt.account or '', '')}".rstrip())
        for debt in debts_of_report(report)
    ]
