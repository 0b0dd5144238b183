"""The words of dispute letters, in Chinese and plain English."""

from __future__ import annotations

from typing import Final

from xindeng.decision.words import Language

CLAIMS: Final[dict[Language, dict[str, str]]] = {
    "zh": {
        "not_mine": "该账户不是本人开立，本人没有办理过这笔业务。",
        "already_settled": "该笔欠款已经还清，记录没有更新。",
        "amount_wrong": "记录的金额与实际不符。",
        "paid_on_time": "记录为逾期的月份，本人已按时还款。",
        "status_wrong": "记录的账户状态与实际不符。",
        "closed_but_open": "该账户已经销户或结清，仍显示为未结清。",
        "enquiry_not_mine": "本人没有授权过这次查询。",
        "identity_wrong": "个人信息中有一项或几项与本人实际情况不符。",
        "guarantee_not_mine": "本人没有提供过这笔担保。",
        "duplicate": "同一笔业务被重复记录。",
    },
    "en": {
        "not_mine": "I did not open this account and never took this loan or card.",
        "already_settled": "This debt is settled; the record was not updated.",
        "amount_wrong": "The amount recorded is not the real one.",
        "paid_on_time": "I paid on time in the months recorded as overdue.",
        "status_wrong": "The status recorded is not the real one.",
        "closed_but_open": "This account is closed or settled and still shows as open.",
        "enquiry_not_mine": "I did not authorise this enquiry.",
        "identity_wrong": "One or more of my personal details are wrong.",
        "guarantee_not_mine": "I did not give this guarantee.",
        "duplicate": "The same business is recorded twice.",
    },
}

KINDS: Final[dict[Language, dict[str, str]]] = {
    "zh": {"D1": "非循环贷账户", "R1": "循环贷账户", "R2": "贷记卡账户", "R3": "准贷记卡账户",
           "R4": "循环额度下分账户", "C1": "催收账户"},
    "en": {"D1": "loan", "R1": "revolving loan", "R2": "credit card", "R3": "quasi-credit card",
           "R4": "loan under a line", "C1": "in collection"},
}  # fmt: skip

LETTER: Final[dict[Language, dict[str, str]]] = {
    "zh": {
        "title": "个人信用报告异议申请",
        "to_bureau": "致：中国人民银行征信中心",
        "to_lender": "致：{lender}",
        "opening": "本人查询了 {day} 出具的个人信用报告，认为其中下列记录有误：",
        "claim": "本人认为：",
        "tick": "本人认为（请只勾选与事实相符的一项）：",
        "ask": "请核查上述记录；确有错误的，请予更正，并书面答复本人。",
        "clock": "按《征信业管理条例》第二十五条，请自收到之日起 {days} 日内书面答复"
                 "（若今日收到，应在 {day} 前答复），核查期间请在记录上标注异议。",
        "enclosed": "随附：有效身份证件复印件；能说明情况的材料（如结清证明、还款凭证）。",
        "name": "姓名：________________",
        "id_number": "证件号码：________________",
        "phone": "联系电话：________________",
        "signature": "签名：________________",
        "date": "日期：________________",
        "only_if_wrong": "只有记录确实有误时才需要这封信；没有错的记录不会因异议而删除。",
        "free": "提出异议不收费，不需要找人代办。任何人以“解冻费、提额、洗白征信”收费都是诈骗。",
        "keep": "递交后请留好受理凭证；逾期没有答复，或不同意答复，可以向征信业监督管理部门投诉。",
    },
    "en": {
        "title": "Dispute of a record in my personal credit report (异议申请)",
        "to_bureau": "To: Credit Reference Centre, People's Bank of China",
        "to_lender": "To: {lender}",
        "opening": "I have read my personal credit report of {day}. I believe that this record in "
                   "it is wrong:",
        "claim": "My claim:",
        "tick": "My claim (please tick only the one that is true):",
        "ask": "Please check this record, correct it where it is wrong, and answer me in writing.",
        "clock": "Under article 25 of the Regulation on the Administration of the Credit "
                 "Reporting Industry an answer is due within {days} days of receipt (by {day} if "
                 "received today); please mark the record as disputed meanwhile.",
        "enclosed": "Enclosed: copy of my identity document; papers that show it (a settlement "
                    "letter, proof of payment).",
        "name": "Name: ________________",
        "id_number": "Document number: ________________",
        "phone": "Telephone: ________________",
        "signature": "Signature: ________________",
        "date": "Date: ________________",
        "only_if_wrong": "Only for a record that really is wrong: one that is right is not "
                         "removed by a dispute.",
        "free": "A dispute is free and needs no agent. Anyone who charges a fee to “unfreeze”, "
                "raise a limit or clean a credit record is a swindler.",
        "keep": "Keep the receipt. Without an answer in time, or if you disagree with it, you can "
                "complain to the supervisor of credit reporting.",
    },
}  # fmt: skip
