"""Plans in words, ready to be rendered: what a page, a letter or a terminal shows, in its order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from xindeng.decision.answer import Decision, Light
from xindeng.decision.speech import Speech
from xindeng.decision.words import AREA_WORDS, LIGHT_WORDS, Language
from xindeng.kernel.money import Money
from xindeng.kernel.time import HOUR, MINUTE, to_date
from xindeng.policy.policy import Policy
from xindeng.repair.plans.actions import ACTIONS, EVIDENCE
from xindeng.repair.plans.plan import Branch, MonthFrontier, Plan, Plans, Projection, Step
from xindeng.repair.plans.words import (
    GOAL_WORDS,
    ID_STEP_WORDS,
    NOTE_WORDS,
    PLAN_WORDS,
    STATUS_WORDS,
    WHO_WORDS,
)
from xindeng.servicing.limit_book import Warned


class StepTold(Struct, frozen=True, kw_only=True):
    """One step: `title` what to do, `when`, `how` in general, `channel` where, and `notes`."""

    title: str
    when: str
    how: str = ""
    channel: str = ""
    notes: tuple[str, ...] = ()


class PlanTold(Struct, frozen=True, kw_only=True):
    """One plan. `first` is what is said before anything else, "" mostly; `proof` the transcript."""

    title: str
    first: str
    result: str
    costs: tuple[str, ...]
    steps: tuple[StepTold, ...]
    proof: tuple[str, ...]
    branches: tuple[str, ...]
    stages: tuple[str, ...]
    assumptions: tuple[str, ...]


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


class _Telling:
    """One policy, one language."""

    def __init__(self, policy: Policy, lang: Language, asked_at: int) -> None:
        self.policy, self.lang, self.words = policy, lang, PLAN_WORDS[lang]
        self.asked_at = asked_at

    def say(self, key: str, **slots: object) -> str:
        said = self.words[key].format(**slots)
        return said.replace(*((" on today", " today") if self.lang == "en" else ("到今天", "今天")))

    def money(self, minor: int) -> str:
        return str(Money(minor, self.policy.currency))

    def day(self, day: int) -> str:
        return to_date(day).isoformat()

    def moment(self, at: int, *, soon: bool = True) -> str:
        """Return a date, with the time of day where it is not midnight; within the hour from the
        request it is simply today, if `soon`."""
        zone = self.policy.zone
        day = zone.day(at)
        if soon and self.asked_at <= at <= self.asked_at + HOUR and day == zone.day(self.asked_at):
            return self.say("this_day")
        return zone.written(-(-at // MINUTE) * MINUTE)

    def notes(self, codes: Iterable[str]) -> tuple[str, ...]:
        return tuple(NOTE_WORDS[self.lang][code] for code in codes)

    def area(self, name: str) -> str:
        return self.policy.area_by_name[name].title.get(self.lang) or AREA_WORDS[self.lang][name]

    def areas(self, rules: Iterable[str], lights: Mapping[str, Light] | None = None) -> str:
        """Return the areas of rules, each with its light's word where that is known."""
        names = dict.fromkeys(self.policy.rule_by_id[rule].area for rule in rules)
        lit = LIGHT_WORDS[self.lang]
        return self.words["and"].join(
            self.say("lit", area=self.area(name), light=lit[lights[name]])
            if lights and name in lights else self.area(name)
            for name in names
        )  # fmt: skip

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

    def plan(self, plan: Plan, idle: Projection | None) -> PlanTold:
        aims = [goal for goal in GOAL_WORDS[self.lang] if goal in (plan.goal, *plan.also)]
        # One that is best in every way is told as what it is: the only one.
        only = len(aims) > 2
        ours = any(branch.step is None for branch in plan.branches)
        goals = self.words["and"].join(GOAL_WORDS[self.lang][goal] for goal in aims)
        cash, amount = self.money(plan.cash_total), self.money(plan.amount)
        deciders = dict.fromkeys(
            branch.decider for branch in plan.branches if branch.step is not None
        )
        who = self.words["and"].join(WHO_WORDS[self.lang][name] for name in deciders)
        enough = "enough_more" if plan.cash_total > plan.amount else "enough"
        return PlanTold(
            title=self.say(
                f"title{'_only' if only else ''}{'_conditional' if who else ''}",
                goals=goals,
                who=who,
            ),
            first=self.say(enough, cash=cash, amount=amount) if plan.enough else "",
            result=self.say(
                f"yes{'_conditional' if who else ''}{'_ours' if ours else ''}",
                who=who,
                date=self.moment(plan.yes_at),
                amount=amount,
                expires=self.day(plan.expires_day),
            ),
            costs=tuple(self.costs(plan)),
            steps=tuple(self.step(step, plan) for step in plan.steps),
            proof=tuple(self.proof(plan)),
            branches=tuple(self.branch(branch, plan, idle) for branch in plan.branches),
            stages=tuple(self.stages(plan)),
            assumptions=self.notes(plan.assumptions),
        )

    def costs(self, plan: Plan) -> Iterator[str]:
        if not plan.cash_total and not plan.fees:
            yield self.say("no_cash")
        if plan.cash_total:
            yield self.say("cash", cash=self.money(plan.cash_total))
        if plan.fees:
            yield self.say("fees", fees=self.money(plan.fees))
        if plan.interest_delta is None:
            yield self.say("interest_unknown")
        elif plan.interest_delta:
            key = "saved" if plan.interest_delta < 0 else "dearer"
            yield self.say(key, interest=self.money(abs(plan.interest_delta)))

    def step(self, step: Step, plan: Plan) -> StepTold:
        general = self.action(step.action)
        title = self.title(step, plan) or general.title
        return StepTold(
            title=title,
            when=self.when(step, plan),
            how=general.how,
            channel=general.channel,
            notes=self.notes(step.side_effects),
        )

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

    def action(self, name: str) -> StepTold:
        """Return an action in the policy's own words."""
        known = self.policy.repair.get(name)
        if known is None:
            return StepTold(title=name, when="")
        return StepTold(
            title=known.texts.get(self.lang, name),
            when="",
            how=known.details.get(self.lang, ""),
            channel=known.channel.get(self.lang, ""),
        )

    def when(self, step: Step, plan: Plan) -> str:
        asked = self.policy.zone.day(plan.proof.asked.at)
        if step.action in ("wait", "borrow_less"):
            return self.say("from", date=self.moment(step.shows_at))
        done = self.say("today") if step.day <= asked else self.say("by", date=self.day(step.day))
        if step.action == "stop_applying" or self.policy.zone.day(step.shows_at) <= step.day:
            return done
        joint = "，" if self.lang == "zh" else "; "
        return done + joint + self.say("shows", date=self.moment(step.shows_at))

    def debt(self, params: Mapping[str, object]) -> str:
        """Return whose debt it is, and that it is a card where the name does not tell: the same
        bank may have lent, too."""
        lender = str(params["lender"])
        told = "卡" in lender or "card" in lender.lower()
        return lender if told or not params.get("card") else self.say("card_of", lender=lender)

    def title(self, step: Step, plan: Plan) -> str:
        """Return what is special about a step of a plan, "" where the policy's words say it."""
        return self.titled(step, plan.yes_at)

    def titled(self, step: Step, yes_at: int) -> str:
        """Return what is special about a step towards a yes, "" where the policy's own words say
        it."""
        params, cash = step.params, self.money(step.cash)
        match step.action:
            case "pay_down" if "loan" in params:
                return self.say("close_here" if params["closes"] else "part_here", cash=cash)
            case "pay_down" if params["closes"]:
                return self.say("close", lender=self.debt(params), cash=cash)
            case "pay_down":
                left = self.money(int(params["before"]) - step.cash)
                return self.say("part", lender=self.debt(params), cash=cash, left=left)
            case "settle_overdue":
                return self.say(f"settle_{params['what']}", cash=cash)
            case "consolidate":
                return self.say(
                    "consolidate", lender=params["lender"], months=params["months"],
                    amount=self.money(int(params["amount"])), rate=int(params["rate_bp"]) / 100,
                    due=self.money(int(params["monthly_due"])),
                )  # fmt: skip
            case "stop_applying" | "wait":
                return self.say(step.action, date=self.moment(yes_at))
            case "show_income":
                return self.say("show_income", income=self.money(int(params["income"])))
            case "borrow_less":
                return self.say("borrow_less", amount=self.money(int(params["amount"])))
            case "verify_identity" if params.get("what") == "steps":
                names = str(params["steps"]).split(",")
                steps = self.words["and"].join(ID_STEP_WORDS[self.lang][name] for name in names)
                return self.say("verify_steps", steps=steps)
            case "verify_identity" | "secure_account" | "spend_less":
                return self.say(str(params["what"]), percent=params.get("percent", 0))
        return ""

    def proof(self, plan: Plan) -> Iterator[str]:
        proof = plan.proof
        date = self.moment(plan.yes_at)
        if proof.before.at != proof.yes.at:
            yield self.say("before", date=self.moment(proof.before.at, soon=False))
        if proof.idle.outcome != proof.yes.outcome and proof.idle.at != proof.asked.at:
            yield self.say("idle", date=date)
        for one in proof.without:
            if plan.steps[one.step].action != "stop_applying" or len(proof.without) == 1:
                step = plan.steps[one.step]
                title = self.title(step, plan) or self.action(step.action).title
                yield self.say("without", step=title, date=date)

    def branch(self, branch: Branch, plan: Plan, idle: Projection | None) -> str:
        who = WHO_WORDS[self.lang][branch.decider]
        if branch.step is None:
            key = "ours_yes" if branch.says == "yes" else "ours_no"
            return self.say(key, date=self.moment(plan.yes_at))
        if branch.says == "yes":
            return self.say("branch_yes", who=who, date=self.moment(plan.yes_at))
        if branch.yes_at is None and idle is not None and idle.later:
            # What only time ends has a day, which is told above: it is not unknown.
            later = self.moment(max(end.at for end in idle.later))
            return self.say("branch_no_time", who=who, date=self.moment(plan.yes_at), later=later)
        if branch.yes_at is None:
            return self.say("branch_no", who=who, date=self.moment(plan.yes_at))
        key = "branch_no_later" if branch.yes_at > plan.yes_at else "branch_no_same"
        return self.say(key, who=who, date=self.moment(branch.yes_at))

    def stages(self, plan: Plan) -> Iterator[str]:
        for stage in plan.stages:
            key = "stage_first" if stage.after_hold else "stage_then"
            yield self.say(key, amount=self.money(stage.amount), date=self.moment(stage.at))

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
