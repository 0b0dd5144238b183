"""The fixed words of every explanation, in Chinese and plain English.

Chosen with care (see the list of words in the documentation): never 冻结, 修复 or 预审通过; a trial
result promises nothing; 异议, 申诉 and 投诉 are three different ways.
"""

from __future__ import annotations

from typing import Final, Literal

from xindeng.decision.answer import Light, Outcome

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")

SYMBOLS: Final = {Light.GREEN: "●", Light.YELLOW: "▲", Light.RED: "■", Light.NO_DATA: "○",
                  Light.OUR_SIDE: "◇"}  # fmt: skip

LIGHT_WORDS: Final[dict[Language, dict[Light, str]]] = {
    "zh": {
        Light.GREEN: "正常",
        Light.YELLOW: "注意",
        Light.RED: "未通过",
        Light.NO_DATA: "暂无数据",
        Light.OUR_SIDE: "平台原因",
    },
    "en": {
        Light.GREEN: "fine",
        Light.YELLOW: "take care",
        Light.RED: "not passed",
        Light.NO_DATA: "no data yet",
        Light.OUR_SIDE: "our side",
    },
}

AREA_WORDS: Final[dict[Language, dict[str, str]]] = {
    "zh": {
        "bureau": "征信记录", "debt": "负债与收入", "applications": "近期借款申请",
        "activity": "账户活跃", "cash_flow": "资金往来", "identity": "实名身份",
        "security": "账户安全", "consumption": "消费习惯", "network": "关联账户",
        "location": "位置", "attempts": "借款尝试", "score": "综合评分", "line": "额度状态",
        "platform": "平台状态", "consent": "资料授权",
    },
    "en": {
        "bureau": "credit report", "debt": "debt and income",
        "applications": "recent applications", "activity": "account activity",
        "cash_flow": "money in and out", "identity": "identity", "security": "account security",
        "consumption": "spending", "network": "linked accounts", "location": "location",
        "attempts": "draw attempts", "score": "score", "line": "the line",
        "platform": "the platform", "consent": "Use of your data",
    },
}  # fmt: skip

CONSENT_WORDS: Final[dict[Language, dict[str, str]]] = {
    "zh": {
        "bureau": "信用报告", "transactions": "收支与消费记录", "location": "位置",
        "network": "关联账户", "browsing": "浏览标签",
    },
    "en": {
        "bureau": "your credit report", "transactions": "your payments and purchases",
        "location": "your location", "network": "ties to other accounts",
        "browsing": "browsing tags",
    },
}  # fmt: skip

SOURCES: Final[dict[Language, dict[str, str]]] = {
    "zh": {
        "request": "您这次的申请", "partners": "合作机构的借款申请记录",
        "financial": "您的收入与负债资料", "credit_history": "征信报告",
        "behaviour": "您在本平台及合作方的记录", "identity": "实名认证记录",
        "security": "账户安全记录", "contract": "本额度的借款与还款记录", "device": "设备记录",
        "platform": "平台自身状态", "network": "关联账户资料（经您单独同意）",
        "location": "位置资料（经您单独同意）", "browsing": "浏览标签（经您单独同意）",
        "consent": "您的授权记录",
    },
    "en": {
        "request": "this request", "partners": "our partners' records of applications",
        "financial": "your income and debt data", "credit_history": "your credit report",
        "behaviour": "your records with us and our partners", "identity": "identity checks",
        "security": "account security records", "contract": "draws and repayments on this line",
        "device": "device records", "platform": "the platform's own state",
        "network": "linked accounts (with your separate consent)",
        "location": "location (with your separate consent)",
        "browsing": "browsing tags (with your separate consent)",
        "consent": "your consents",
    },
}  # fmt: skip

WHOSE: Final[dict[Language, dict[str, str]]] = {
    "zh": {"borrower": "您可以改变", "time": "时间会解决", "platform": "平台原因",
           "withheld": "为了安全不能细说"},
    "en": {"borrower": "yours to change", "time": "time heals it", "platform": "our side",
           "withheld": "not told, for safety"},
}  # fmt: skip

PURPOSE_WORDS: Final[dict[Language, dict[str, str]]] = {
    "zh": {"consumption": "日常消费", "education": "教育", "medical": "医疗", "travel": "旅行",
           "renovation": "装修", "property": "购房", "securities": "证券投资",
           "equity": "股权投资", "repay_loans": "偿还其他借款", "other": "其他"},
    "en": {"consumption": "everyday spending", "education": "education", "medical": "medical care",
           "travel": "travel", "renovation": "renovation", "property": "buying property",
           "securities": "securities", "equity": "equity investment",
           "repay_loans": "repaying other loans", "other": "something else"},
}  # fmt: skip

OUTCOME_WORDS: Final[dict[Language, dict[Outcome, str]]] = {
    "zh": {
        Outcome.APPROVE: "本次可以借 {asked}。",
        Outcome.APPROVE_LESS: "现在不能借 {asked}，最多可以借 {offered}；借不借由您决定。",
        Outcome.RETRY_LATER: "现在暂时不能借 {asked}，请稍后再试。",
        Outcome.REVIEW: "这次需要人工复核，暂时不能直接给出结果。",
        Outcome.DECLINE: "这次不能借 {asked}。",
    },
    "en": {
        Outcome.APPROVE: "You can draw {asked}.",
        Outcome.APPROVE_LESS: "Not {asked} just now, but up to {offered}; it is up to you.",
        Outcome.RETRY_LATER: "{asked} cannot be drawn just now; please try again later.",
        Outcome.REVIEW: "A person needs to look at this one, so there is no answer at once.",
        Outcome.DECLINE: "{asked} cannot be drawn this time.",
    },
}

WORDS: Final[dict[Language, dict[str, str]]] = {
    "zh": {
        "limit": "额度",
        "available": "可用额度",
        "borrowable": "当前可借",
        "limited_by": "受“{area}”限制",
        "lights": "各项状态",
        "reasons": "原因",
        "source": "依据：{source}（截至 {date}）",
        "source_undated": "依据：{source}",
        "step": "您可以：{step}",
        "nothing_to_do": "不需要您做任何事。",
        "wait_only": "等待即可，不需要做别的。",
        "missing_fact": "“{area}”缺少判断所需的资料，所以不能直接通过。",
        "missing_step": "补充这项资料，或申请人工复核",
        "consent_withdrawn": "您撤回了使用{what}的授权，所以这些资料我们都没有用，"
                             "改由工作人员审核。撤回授权不是不良记录，也不会因此拒绝您；已借部分不受影响。",
        "consent_never": "您没有授权使用{what}，所以这些资料我们都没有用，"
                         "改由工作人员审核。不授权不是不良记录，也不会因此拒绝您。",
        "consent_again": "在「我的资料」重新授权，之后再试（也可以不授权）",
        "consent_person": "等工作人员审核；可以补充您愿意提供的材料",
        "lag": "通常 {days} 天后体现",
        "lag_late": "通常 {days} 天后体现，赶不上 {date}",
        "our_side": "这次是平台的原因，不是您的问题；换作平台平常的标准，这笔申请可以通过。",
        "our_rule": "这是我们必须遵守的规定，不是您的问题。",
        "both": "平台目前的安排和您这边的情况都有影响，下面分别说明。",
        "stance_review": "我们最迟在 {date} 复核这项安排，届时可再试。",
        "on_hold": "暂停借款（还款不受影响）",
        "held_until": "最迟 {date} 复核",
        "retry_at": "最早可在 {date} 再试。",
        "retry_review": "我们最迟在 {date} 复核，届时可再试。",
        "retry_unknown": "目前还不知道何时恢复；反复尝试不会更快，也不会因此加分。",
        "own_time": "这一项在 {date} 解除。",
        "own_later": "只有时间能解除：从现在起都按时还款的话，算到 {date} 为止。",
        "own_review": "我们最迟在 {date} 复核这一项，届时可再试。",
        "gate_fact": "如果借得更多（例如全部可用额度 {amount}）：{fact}",
        "yes_at": "只要等待，{date} 起按本版政策核算可通过 {amount}"
                  "（核算截至 {today}，不保证放款）。",
        "review_later": "两个日期说的是两件事：{date} 是按现有资料核算出来的日子，"
                        "{review} 是我们最迟再看的日子。哪个先到，就以哪个为准；"
                        "补充了材料还可能更早。",
        "review_before": "两个日期说的是两件事：{review} 我们最迟会再看一次；到时资料如果没有变化，"
                         "按核算要到 {date} 才能通过。",
        "boundary_inquiry": "日期按当地零点计算：超出上限的那部分查询记录到 {day} 零点"
                            "移出统计窗口，零点之前仍然计入。",
        "boundary": "日期按当地零点计算：相关记录到 {day} 零点移出统计窗口，零点之前仍然计入。",
        "boundary_day": "日期按当地零点计算。",
        "no_yes": "只靠等待，{days} 天内还不能借 {amount}。",
        "by_step_now": "不必等到某一天：{steps}，完成后就可以再试。",
        "by_step": "解决这件事靠的是您这边的一步，不是等待：{steps}，通常 {days} 天后体现。"
                   "做到多少才够，改善计划会算出来。",
        "sooner": "不想等的话，您可以：{steps}。",
        "step_and_time": "您这边要做的一步：{steps}；其余的限制到 {date} 会自己解除。",
        "step_first": "您这边先做：{steps}。只做这一步还不够，剩下的只有时间能解除。",
        "only_time": "从现在起都按时还款的话，过去的逾期月份算到 {date} 为止。",
        "gate_opens": "{date} 起，“{area}”不再限制这笔借款。",
        "gates_stand": "按现有资料推算，只靠等待不能解除“{areas}”的限制，请看上面列出的办法。",
        "gates_arise": "但照近30天的情况推算，之后“{areas}”又会成为限制。",
        "assumed_life": "前提：收入和日常收支与近30天相当，按时还款，期间不再申请任何借款；"
                        "征信报告更新后，除较早的查询退出统计外，没有其他变化。",
        "assumed_life_without_income": "前提：日常收支与近30天相当，按时还款，期间不再申请"
                        "任何借款；近期没有看到固定收入，推算时也没有计入；"
                        "征信报告更新后，除较早的查询退出统计外，没有其他变化。",
        "assumed_stillness": "前提：期间没有任何新的变化。",
        "light_turns": "{date}：{area} {before} → {after}{since}",
        "light_since": "（从这次结果起算）",
        "light_paused": "（这次结果带来的“{title}”结束）",
        "repayment": "还款照常。",
        "scam": "任何人以“解冻费、提额、洗白征信”收费都是诈骗。",
        "bureau_untouched": "本次决定只用已有资料，没有查询征信；"
                            "若放款时需要查询，由放款机构经您授权后进行。",
        "trial": "试算结果，不保证放款",
        "trial_bureau": "试算不查询征信，不留记录，也不影响以后的决定。",
        "verify_first": "需先核实",
        "route_report": "异议：征信报告内容有误，向征信中心或报送机构提出{clock}。",
        "route_decision": "申诉：不同意这次决定，可以要求人工复核{clock}。",
        "route_service": "投诉：对服务不满意，可联系客服{line}。",
        "clock": "，{days} 天内答复",
        "lines": "，或拨打 {lines}",
        "safety_title": "账户需要核实",
        "safety_fact": "为了保护您的账户和资金，需要先核实，然后才能借款。",
        "safety_documents": "请准备：本人有效身份证件、本人手持证件的现场核验，"
                            "以及能说明情况的材料（如合同、收据）。",
        "safety_channel": "办理渠道：贷款 App「安全中心—账户核实」，或官方客服。",
        "safety_clock": "不同意可以提出申诉{clock}。",
    },
    "en": {
        "limit": "Limit",
        "available": "Available",
        "borrowable": "Borrowable now",
        "limited_by": "held back by: {area}",
        "lights": "How things stand",
        "reasons": "Why",
        "source": "Source: {source} (as of {date})",
        "source_undated": "Source: {source}",
        "step": "You can: {step}",
        "nothing_to_do": "There is nothing you need to do.",
        "wait_only": "Waiting is enough; nothing else is needed.",
        "missing_fact": "We lack what we need to judge “{area}”, so this could not pass by itself.",
        "missing_step": "send us what is missing, or ask for a person to look at it",
        "consent_withdrawn": "You withdrew your consent to use {what}, so we used none of it and a "
                             "person decides. Withdrawing is no bad record and nobody is refused "
                             "for it; what you have already drawn is not affected.",
        "consent_never": "You have not consented to the use of {what}, so we used none of it and a "
                         "person decides. That is no bad record and nobody is refused for it.",
        "consent_again": "Give the consent again under My data and try again; you need not",
        "consent_person": "Wait for a person to look; you may add papers that you like to share",
        "lag": "usually shows after {days} days",
        "lag_late": "usually shows after {days} days, which is too late for {date}",
        "our_side": "This is our side, not you: under our usual standard this request passes.",
        "our_rule": "This is a rule that binds us and no fault of yours.",
        "both": "Both our present stance and your own situation play a part; each is named below.",
        "stance_review": "We review this stance by {date} at the latest; "
                         "you can try again then.",
        "on_hold": "Draws are paused (repayments go on as usual)",
        "held_until": "reviewed by {date} at the latest",
        "retry_at": "Earliest time to try again: {date}.",
        "retry_review": "We review this by {date} at the latest; you can try again then.",
        "retry_unknown": "When this opens again is not known yet; trying over and over does not "
                         "make it faster.",
        "own_time": "This one ends on {date}.",
        "own_later": "Only time ends this one: if everything is paid on time from now on, it "
                     "counts until {date}.",
        "own_review": "We review this one by {date} at the latest; you can try again then.",
        "gate_fact": "If you were to draw more (say all that is available, {amount}): {fact}",
        "yes_at": "If you only wait, {amount} passes under this policy from {date} "
                  "(worked out on {today}; not a promise to lend).",
        "review_later": "These are two things: {date} is worked out from what we know now, "
                        "{review} is when we look again at the latest; whichever comes first "
                        "counts, and papers may make it sooner.",
        "review_before": "These are two things: by {review} at the latest we look again; with "
                         "nothing changed by then, it passes only from {date}, as worked out.",
        "boundary_inquiry": "Days turn at local midnight: the enquiries above the bound have left "
                            "the counting window at midnight at the start of {day} and count "
                            "until then.",
        "boundary": "Days turn at local midnight: the record leaves the counting window at "
                    "midnight at the start of {day} and counts until then.",
        "boundary_day": "Days turn at local midnight.",
        "no_yes": "Waiting alone will not bring {amount} within {days} days.",
        "by_step_now": "There is no day to wait for: {steps}, then try again.",
        "by_step": "A step of yours settles this, and not time: {steps} (usually shows after "
                   "{days} days). How much of it is enough, an improvement plan works out.",
        "sooner": "If you would rather not wait: {steps}.",
        "step_and_time": "Yours to do: {steps}; the rest lets go by itself by {date}.",
        "step_first": "Yours to do first: {steps}. That alone is not enough; only time ends the "
                      "rest.",
        "only_time": "If everything is paid on time from now on, the months overdue in the past "
                     "count until {date}.",
        "gate_opens": "From {date}, nothing under “{area}” stands in the way.",
        "gates_stand": "As far as today's data tell, waiting alone does not clear “{areas}”; "
                       "see the steps above.",
        "gates_arise": "But going by the last 30 days, “{areas}” would stand in the way later.",
        "assumed_life": "This assumes that income and everyday spending go on as in the last 30 "
                        "days, that repayments are made on time and nothing is applied for "
                        "meanwhile, and that your credit report, when read again, is unchanged "
                        "but for older enquiries dropping out of the count.",
        "assumed_life_without_income": "This assumes that everyday spending goes on as in the "
                        "last 30 days, that repayments are made on time and nothing is applied "
                        "for meanwhile; no regular income was seen lately, so none is counted; "
                        "and that your credit report, when read again, is unchanged but for "
                        "older enquiries dropping out of the count.",
        "assumed_stillness": "This assumes that nothing new happens meanwhile.",
        "light_turns": "{date}: {area} {before} → {after}{since}",
        "light_since": " (counted from this answer on)",
        "light_paused": " (the end of the {title} that came with this answer)",
        "repayment": "Repayments go on as usual.",
        "scam": "Anyone who charges a fee to “unfreeze”, raise a limit or clean a credit record "
                "is a swindler.",
        "bureau_untouched": "This decision used data already held and made no credit enquiry; if "
                            "one is needed to pay out, the lender makes it with your consent.",
        "trial": "A trial result, not a promise to lend",
        "trial_bureau": "A trial makes no credit enquiry, leaves no record and never counts later.",
        "verify_first": "verification needed first",
        "route_report": "Dispute (异议): your credit report is wrong; tell the credit bureau or "
                        "whoever reported it{clock}.",
        "route_decision": "Appeal (申诉): you disagree with this decision; ask for a person to "
                          "look at it{clock}.",
        "route_service": "Complaint (投诉): you are unhappy with the service; contact support"
                         "{line}.",
        "clock": ", answered within {days} days",
        "lines": ", or call {lines}",
        "safety_title": "The account needs to be verified",
        "safety_fact": "To protect your account and money we need to verify it before any draw.",
        "safety_documents": "Please have ready: your valid identity document, a live check with "
                            "it, and papers that explain the situation (a contract, a receipt).",
        "safety_channel": "Where: in your lender's app under Security – Verify account, or "
                          "official support.",
        "safety_clock": "If you disagree you can appeal{clock}.",
    },
}  # fmt: skip
