"""One plan in words: its result, what it costs, its steps, its proof, and what others decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from xindeng.repair.plans.plan import Branch, Plan, Projection, Step
from xindeng.repair.plans.saying import Saying
from xindeng.repair.plans.words import GOAL_WORDS, ID_STEP_WORDS, WHO_WORDS


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


class PlanTelling(Saying):
    """Plans and their steps, one by one."""

    def plan(self, plan: Plan, idle: Projection | None) -> PlanTold:
        """Return a plan in words; `idle` is what time alone brings."""
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
        """Yield what a plan takes, its fees, and what it saves or adds in interest."""
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
        """Return a step of a plan in words."""
        general = self.action(step.action)
        title = self.title(step, plan) or general.title
        return StepTold(
            title=title,
            when=self.when(step, plan),
            how=general.how,
            channel=general.channel,
            notes=self.notes(step.side_effects),
        )

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
        """Return by when a step is done, and from when on it shows."""
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
        """Yield how the policy answered before, without the plan, and without each step."""
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
        """Return what follows where somebody else agrees or does not."""
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
        """Yield the amounts of a way in two steps."""
        for stage in plan.stages:
            key = "stage_first" if stage.after_hold else "stage_then"
            yield self.say(key, amount=self.money(stage.amount), date=self.moment(stage.at))
