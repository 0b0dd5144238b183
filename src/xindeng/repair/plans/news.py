"""What a borrower is told when a plan they were given no longer holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from xindeng.kernel.money import Money
from xindeng.kernel.time import to_date
from xindeng.repair.plans.notes import NOTE_WORDS
from xindeng.repair.plans.plan import Goal
from xindeng.repair.plans.reprove import Because
from xindeng.repair.plans.words import GOAL_WORDS, PLAN_WORDS

_SENTENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "what": "{made} 为您核算的 {amount} 改善计划，按现在的政策和资料，不能在原定日期核算通过。",
        "policy": "原因是我们的政策有了调整，不是您做错了什么。您一直按计划在做，"
                  "所以已转专人处理，会有人联系您；您现在不需要做什么。",
        "not_done": "计划中有一步到原定日期还没有在资料里体现。做完后可能需要几天才会显示；"
                    "您也可以按现在的资料重新核算一份计划。",
        "applied_again": "计划做出之后，资料里出现了新的借款申请或审批查询。"
                         "您可以按现在的资料重新核算一份计划。",
        "facts": "原因是计划做出之后资料有了变化。您可以按现在的资料重新核算一份计划。",
        "left": "同一次核算中的另一种做法仍然成立：{goals}。",
    },
    "en": {
        "what": "The plan for {amount} that we worked out for you on {made} no longer passes by "
                "its date under the policy and the records of today.",
        "policy": "The reason is that our policy changed, not anything you did. You have kept to "
                  "the plan, so a person now deals with it and will contact you; you need not do "
                  "anything now.",
        "not_done": "A step of the plan does not show in the records by its date. Once done it "
                    "may take some days to show; you can also have a plan worked out on the "
                    "records of today.",
        "applied_again": "After the plan was made, a new application for credit or a lender's "
                         "enquiry came into the records. You can have a plan worked out on the "
                         "records of today.",
        "facts": "The reason is that the records changed after the plan was made. You can have a "
                 "plan worked out on the records of today.",
        "left": "Another way worked out at the same time still holds: {goals}.",
    },
}  # fmt: skip
LANGUAGES: Final = tuple(_SENTENCES)


def broken(
    *, made_day: int, amount: int, currency: str, because: Because, left: Sequence[Goal]
) -> dict[str, str]:
    """Return the notice by language; `left` are the goals of the plans that still hold.

    Where safety is the reason it says no more than that the records changed.
    """
    return {lang: _notice(lang, made_day, amount, currency, because, left) for lang in LANGUAGES}


def _notice(
    lang: str, made_day: int, amount: int, currency: str, because: Because, left: Sequence[Goal]
) -> str:
    words = _SENTENCES[lang]
    sentences = [
        words["what"].format(made=to_date(made_day).isoformat(), amount=Money(amount, currency)),
        words[because if because in words else "facts"],
    ]
    if left:
        goals = PLAN_WORDS[lang]["and"].join(GOAL_WORDS[lang][goal] for goal in left)
        sentences.append(words["left"].format(goals=goals))
    sentences += [NOTE_WORDS[lang]["repay"], NOTE_WORDS[lang]["scam"]]
    return ("" if lang == "zh" else " ").join(sentences)
