"""Plans in words, ready to be rendered: what a page, a letter or a terminal shows, in its order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from xindeng.decision.answer import Decision, Light
from xindeng.decision.speech import Speech
from xindeng.decision.words import LIGHT_WORDS, Language
from xindeng.policy.policy import Policy
from xindeng.repair.plans.actions import ACTIONS, EVIDENCE
from xindeng.repair.plans.notes import NOTE_WORDS
from xindeng.repair.plans.plan import MonthFrontier, Plans, Projection, Step
from xindeng.repair.plans.plan_told import PlanTelling, PlanTold, StepTold
from xindeng.repair.plans.words import STATUS_WORDS
from xindeng.servicing.limit_book import Warned


class PlansTold(Struct, frozen=True, kw_only=True):
    """All of it. `first` is the line that borrowing may not be needed, "" where it may well be;
    `helps` are steps that end some of what stands in the way and not all; `warned` is what an early
    warning says of its day, and `unless` that every later figure rests on it, "" without one."""

    lang: str
    first: str
    headline: str
    lines: tuple[str, ...]
    plans: tuple[PlanTold, ...]
    waiting: tuple[str, ...]
    months: tuple[str, ...]
    rungs: tuple[str, ...]
    way_back: tuple[str, ...]
    leads: tuple[StepTold, ...]
    notices: tuple[str, ...]
    helps: tuple[StepTold, ...] = ()
    warned: str = ""
    unless: str = ""


def tell(
    policy: Policy, plans: Plans, lang: str = "zh", *, decision: Decision | None = None
) -> PlansTold:
    """Return the plans in one language ("zh" or "en"); other languages read as English.

    With the refusal's `decision` the facts behind a fixed refusal are told, too.
    """
    language: Language = "zh" if lang == "zh" else "en"
    told = _Telling(policy, language, plans.asked_at).plans(plans)
    if decision is None or plans.status != "fixed":
        return told
    speech = Speech(policy, decision, language)
    facts = tuple(speech.fact(gate, "borrower") for gate in plans.gates)
    return replace(told, lines=(*facts, *told.lines))


def tell_falls(policy: Policy, months: Sequence[MonthFrontier], lang: str) -> tuple[str, ...]:
    """Return why an amount is less in a month than in the month before, () where none is."""
    telling = _Telling(policy, "zh" if lang == "zh" else "en", 0)
    return tuple(telling.falls(months))


class _Telling(PlanTelling):
    """The whole answer: what stands in the way, the plans, what time alone brings."""

    def plans(self, plans: Plans) -> PlansTold:
        idle = plans.do_nothing
        told = tuple(
            self.warily(self.plan(plan, idle), plan.yes_at, plans.warned) for plan in plans.plans
        )
        return PlansTold(
            lang=self.lang,
            first=next((plan.first for plan in told if plan.first), ""),
            headline=self.headline(plans),
            lines=tuple(self.lead(plans)),
            plans=told,
            waiting=tuple(self.waiting(plans, plans.do_nothing)) if plans.do_nothing else (),
            months=tuple(self.months(plans)),
            rungs=tuple(self.rungs(plans)),
            way_back=plans.way_back.texts[self.lang] if plans.way_back else (),
            leads=tuple(self.lead_to(name, plans) for name in plans.leads),
            notices=self.notes(plans.warnings),
            helps=tuple(self.help(step, plans) for step in plans.helps),
            warned="" if plans.warned is None else self.warning("warned", plans.warned),
            unless="" if plans.warned is None else self.warning("unless", plans.warned),
        )

    def warning(self, key: str, warned: Warned, **slots: str) -> str:
        day, limit = self.day(warned.day), self.money(warned.limit)
        return self.say(key, day=day, limit=limit, **slots)

    def warily(self, told: PlanTold, yes_at: int, warned: Warned | None) -> PlanTold:
        """Return a plan with what an early warning means for it: a yes on its day or later comes
        too late to rest on the limit of today."""
        if warned is None:
            return told
        late = self.policy.zone.day(yes_at) >= warned.day
        branches = (self.warning("warned_late", warned, date=self.moment(yes_at)),) if late else ()
        return replace(
            told,
            branches=(*told.branches, *branches),
            assumptions=(*told.assumptions, self.warning("unless", warned)),
        )

    def headline(self, plans: Plans) -> str:
        if plans.way_back is not None and not plans.plans:
            return self.say("way_back")
        return STATUS_WORDS[self.lang][plans.status]

    def lead(self, plans: Plans) -> Iterator[str]:
        if plans.gates and plans.status != "our_side":
            idle = plans.do_nothing
            lights = idle.lights if idle is not None else {}
            yield self.say("gates", areas=self.areas(plans.gates, lights))
            yield from self.bring(plans, lights)
        if plans.warned is not None:
            yield self.warning("warned", plans.warned)
        if plans.review_at is not None:
            yield self.say("review", date=self.moment(plans.review_at))
        if plans.do_nothing is not None and plans.do_nothing.later:
            ends = plans.do_nothing.later
            yield self.say("only_time", date=self.moment(max(end.at for end in ends)),
                           areas=self.areas(end.rule for end in ends))  # fmt: skip
        if plans.need is not None:
            yield self.say(
                "need",
                due_now=self.money(plans.need.due_now),
                due_most=self.money(plans.need.due_most),
                cut=self.money(plans.need.cut),
            )

    def bring(self, plans: Plans, lights: Mapping[str, Light]) -> Iterator[str]:
        """Yield what may be handed in where an area has no data, unless a step says it already."""
        steps = (*(step for plan in plans.plans for step in plan.steps), *plans.helps)
        said = {step.action for step in steps}
        for gate in plans.gates:
            rule = self.policy.rule_by_id[gate]
            for name in rule.repair:
                if lights.get(rule.area) is Light.NO_DATA and name in EVIDENCE - said:
                    said.add(name)
                    action, area = self.action(name), self.area(rule.area)
                    yield self.say("bring", area=area, what=action.title)
                    yield from filter(None, (action.how, action.channel))

    def help(self, step: Step, plans: Plans) -> StepTold:
        """Return a step that is no part of a plan, and what is left once it is done."""
        general = self.action(step.action)
        left = [gate for gate in plans.gates if gate not in step.moves]
        moved = self.say("helps", date=self.moment(step.shows_at), areas=self.areas(step.moves))
        rest = (self.say("helps_left", areas=self.areas(left)),) if left else ()
        return StepTold(
            title=self.titled(step, 0) or general.title, when=moved, how=general.how,
            channel=general.channel, notes=(*self.notes(step.side_effects), *rest),
        )  # fmt: skip

    def lead_to(self, name: str, plans: Plans) -> StepTold:
        """Return a lead; where safety comes first there is one place to go to, and no other."""
        found = self.action(name)
        first = plans.status == "verify_first" and name == "verify_identity"
        return replace(found, channel=self.say("verify_place")) if first else found

    def waiting(self, plans: Plans, idle: Projection) -> Iterator[str]:
        """Yield what time alone brings; the lights that get better or worse are told alike."""
        back, standing = plans.way_back, idle.standing
        if idle.yes_at is not None:
            yield self.say("idle_yes", date=self.moment(idle.yes_at))
        elif back is not None and back.limit:
            # Who only waits gets a limit again: what stands for want of one need not stand then.
            standing = tuple(rule for rule in standing if not self.for_want_of_limit(rule))
            key = "idle_back" if back.limit >= plans.amount else "idle_back_less"
            yield self.say(key, date=self.day(back.review_day), limit=self.money(back.limit),
                           amount=self.money(plans.amount))  # fmt: skip
        else:
            yield self.say("idle_no", date=self.day(idle.until_day))
        lights = LIGHT_WORDS[self.lang]
        for change in idle.changes:
            yield self.say(
                "turns",
                date=self.moment(change.at),
                area=self.area(change.area),
                before=lights[change.before],
                after=lights[change.after],
            )
        if standing:
            then = {**idle.lights, **{one.area: one.after for one in idle.changes}}
            yield self.say("standing", areas=self.areas(standing, then))
        yield NOTE_WORDS[self.lang][idle.assumed]
        if plans.warned is not None:
            yield self.warning("warned", plans.warned)

    def for_want_of_limit(self, rule: str) -> bool:
        """Say whether a rule rests on how high the limit is, so that a new one may end it."""
        compiled = self.policy.compiled
        return "limit_shown" in compiled.columns_of(compiled.conditions[rule])

    def months(self, plans: Plans) -> Iterator[str]:
        for month in plans.frontier_by_month:
            key = "month" if month.planned is None else "month_planned"
            yield self.say(
                key, date=self.day(month.day), idle=self.money(month.idle),
                planned=self.money(month.planned or 0),
            )  # fmt: skip
        yield from self.falls(plans.frontier_by_month)
        if plans.warned is not None:
            yield self.warning("unless", plans.warned)

    def falls(self, months: Iterable[MonthFrontier]) -> Iterator[str]:
        """Yield why the amount is less in a month than it was before, and what is due again."""
        before = 0
        for month in months:
            if month.most < before and month.gate:
                rule = self.policy.rule_by_id[month.gate]
                key = "falls" if month.most else "falls_none"
                yield self.say(key, date=self.day(month.day), amount=self.money(month.most),
                               area=self.area(rule.area))  # fmt: skip
                again = next((name for name in rule.repair if name in ACTIONS), None)
                if again is not None and rule.whose == "borrower":
                    yield self.say("falls_step", step=self.action(again).title)
            before = month.most

    def rungs(self, plans: Plans) -> Iterator[str]:
        for rung in plans.rungs:
            yield self.say(
                "rung", closes=self.words["and"].join(rung.lenders), cash=self.money(rung.cash),
                frontier=self.money(rung.frontier), date=self.day(rung.day),
            )  # fmt: skip
