"""What a borrower is told of a matter put before a person: received, late, answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

MATTER_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "opened_review": "已收到您的人工复核申请。最迟 {day} 由专人看过并答复，写明结果和原因。",
        "opened_appeal": "已收到您的申诉。最迟 {day} 由另一位专人复核并书面答复。",
        "opened_dispute": "已收到您对征信记录的异议。我们会先作标注，最迟 {day} 核实并书面答复。",
        "opened_complaint": "已收到您的投诉。最迟 {day} 书面答复处理结果。",
        "free": "提出不扣分、不收费，期间还款照常。",
        "scam": "任何人以“解冻费、提额、洗白征信”收费都是诈骗。",
        "name_review": "人工复核",
        "name_appeal": "申诉",
        "name_dispute": "征信异议",
        "name_complaint": "投诉",
        "late": "您的{name}应在 {day} 前答复，我们没有做到，这是我们的延误。已转专人最优先处理，"
                "您不需要再次提交，也不需要做什么。还款照常。",
        "upheld_review": "人工复核已完成：专人看过后，维持原来的结果。",
        "upheld_appeal": "申诉已答复：另一位专人复核后，维持原来的结果。",
        "upheld_dispute": "征信异议已答复：核实后，记录与实际相符，不作更改。",
        "upheld_complaint": "投诉已答复：经核查，我们的做法符合约定，不作更改。",
        "changed_review": "人工复核已完成：已按复核结果重新核算，请到借款页查看新的结果。",
        "changed_appeal": "申诉已答复：申诉成立，已作更改，请到借款页查看。",
        "changed_dispute": "征信异议已答复：记录有误，已更正并将报送更正；"
                           "新的报告显示更正需要一些时间。",
        "changed_complaint": "投诉已答复：您反映的情况属实，我们已作更改。",
        "withdrawn": "您的{name}已按您的要求撤回；需要时可以再次提出。",
        "expired": "您的一笔借款申请一直没有由专人看完，现已失效。这是我们的延误，"
                   "不计为您的一次尝试；需要时请重新申请。",
        "because": "说明：{note}",
        "appeal": "不同意可以提出申诉，由另一位专人复核。",
        "complain": "仍不同意，可以拨打 {line} 投诉。",
        "statement": "仍不同意，可以要求征信机构在报告中加注您的声明。",
    },
    "en": {
        "opened_review": "We have your request that a person look at the decision. A person "
                         "answers by {day} at the latest, with the result and the reason.",
        "opened_appeal": "We have your appeal. Another person looks at it and answers in writing "
                         "by {day} at the latest.",
        "opened_dispute": "We have your dispute of a record in the credit report. We mark it "
                          "first, check it, and answer in writing by {day} at the latest.",
        "opened_complaint": "We have your complaint. We answer in writing by {day} at the latest.",
        "free": "Asking costs no points and no fee; repayments go on as usual meanwhile.",
        "scam": "Anyone who charges a fee to “unfreeze”, raise a limit or clean a credit record "
                "is a swindler.",
        "name_review": "review by a person",
        "name_appeal": "appeal",
        "name_dispute": "dispute of a credit record",
        "name_complaint": "complaint",
        "late": "Your {name} was to be answered by {day} and was not; the delay is ours. A person "
                "now deals with it before all others. You need not send it again or do anything. "
                "Repayments go on as usual.",
        "upheld_review": "A person has looked at the decision, and it stays as it was.",
        "upheld_appeal": "Your appeal is answered: another person has looked at it, and the result "
                         "stays as it was.",
        "upheld_dispute": "Your dispute is answered: the record was checked and is correct.",
        "upheld_complaint": "Your complaint is answered: we looked into it, and what we did was "
                            "what had been agreed.",
        "changed_review": "A person has looked at the decision, and it was made anew; the new "
                          "result is on the page for draws.",
        "changed_appeal": "Your appeal is answered: you were right, and it was changed; see the "
                          "page for draws.",
        "changed_dispute": "Your dispute is answered: the record was wrong and is corrected; it "
                           "takes a while until a new report shows it.",
        "changed_complaint": "Your complaint is answered: you were right, and we have changed it.",
        "withdrawn": "Your {name} was withdrawn as you asked; you can ask again whenever you need "
                     "to.",
        "expired": "A request of yours for a draw was not looked at in time and has lapsed. The "
                   "delay is ours and it does not count as a try; ask again whenever you need to.",
        "because": "What we found: {note}",
        "appeal": "If you disagree you can appeal, and another person looks at it.",
        "complain": "If you still disagree you can complain by telephone: {line}.",
        "statement": "If you still disagree you can have the credit bureau add your statement to "
                     "the report.",
    },
}  # fmt: skip
