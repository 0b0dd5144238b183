"""The words of a check-up, in Chinese and plain English, side by side.

A check-up made without a lender's own policy never names a day or an amount of an approval: it
tells facts, their dates, and ranges under a reference policy.
"""

from __future__ import annotations

from typing import Final

from xindeng.decision.words import Language

WORDS: Final[dict[Language, dict[str, str]]] = {
    "zh": {
        "title": "借款体检报告",
        "estimate": "按示例政策估算，不是任何机构的审批规则。",
        "local": "本报告只在您的设备上生成：没有联网，没有上传，没有查询征信；"
                 "各机构是否、何时查询征信，由您申请的那家机构经您授权后进行。",
        "local_sent": "材料只为这次体检读取，答复后即删除：没有保存，没有留下记录，没有查询征信；"
                      "各机构是否、何时查询征信，由您申请的那家机构经您授权后进行。",
        "as_of": "核算日期：{day}；依据：{policy} {version} 版。",
        "we_means": "下面引用示例政策的说法；其中“我们”指采用这套政策的机构，"
                    "不是任何一家真实机构。",
        "asked": "按借 {amount}、{months} 个月、年化 {rate}（单利）核算，月供 {instalment}。",
        "not_asked": "没有填写想借的金额，各项按最小一笔 {amount}（{months} 个月，年化 {rate}，"
                     "单利）核算。",
        "s_first": "先看这里",
        "s_overview": "各项状态",
        "s_figures": "关键数字",
        "s_ranges": "每一关大约能容纳多少",
        "s_reasons": "为什么，怎么办",
        "s_report": "信用报告逐条看",
        "s_flows": "收入与固定支出",
        "s_spending": "消费与分期",
        "s_help": "遇到困难时",
        "s_observe": "接下来：做什么，不做什么",
        "s_ways": "去哪里办",
        "s_papers": "这份报告读了哪些资料",
        "repayment": "还款照常：任何一项暂停借款都不影响还款。",
        "scam": "任何人以“解冻费、提额、洗白征信”收费都是诈骗。",
        "safety": "资金往来中有一项需要核实才能进一步判断。如果有人让您代收、转出款项，"
                  "或要求共享屏幕，"
                  "请立即停止并拨打反诈热线 {fraud}；是您本人的正常往来，保留好合同或收据即可。",
        "income_zero": "目前没有收入：先申请困难帮助，而不是再借。",
        "hardship_1": "主动联系每一家放款机构，说明情况，申请延期、重新安排还款或暂停催收；"
                      "申请本身不扣分、不收费。",
        "hardship_2": "带上能说明情况的材料：解除劳动合同证明、诊断书、停工通知等。",
        "hardship_3": "先保住住房、水电、吃饭和看病，再按“逾期后果最重”的顺序安排还款；"
                      "不要借新还旧。",
        "hardship_4": "对方不处理或催收过度，可以拨打 {lines}。",
        "known_from": "依据：{facts}",
        "no_fact": "没有发现需要注意的地方",
        "paper_tells": "资料里看不到。{paper}",
        "paper_identity": "放款机构的 App 里“实名认证”页会告诉您是否完整。",
        "paper_security": "放款机构的 App 里“安全中心”会列出登录设备、验证方式和正在生效的等候期。",
        "paper_attempts": "放款机构的 App 里“借款记录”会列出最近的尝试。",
        "paper_line": "放款机构的 App 首页有额度、可用额度；当前可借多少，请用它的“试算”。",
        "paper_platform": "平台自身的状态（维护、资金方、整体安排）只有平台知道，不是您造成的。",
        "paper_bureau": "信用报告（简版即可）会告诉您。",
        "paper_applications": "信用报告的查询记录会告诉您。",
        "paper_debt": "负债表或信用报告，加上收入证明，会告诉您。",
        "paper_activity": "支付宝或微信账单会告诉您。",
        "paper_cash_flow": "支付宝、微信账单或银行流水会告诉您。",
        "paper_consumption": "支付宝或微信账单会告诉您。",
        "paper_score": "评分由各机构自己计算；信用报告和流水越完整，示例评分越可参考。",
        "paper_other": "只有放款机构知道。",
        "lacks": "资料里有几点看不出来，这一项还看不全。{paper}",
        "paper_detailed": "简版报告没有逐月的还款记录，详版（每年 2 次免费）会告诉您。",
        "paper_old": "手上的信用报告是 {day} 的，已经太旧；"
                     "取一份新的（免费，见“去哪里办”）就知道。",
        "paper_old_bills": "手上的账单只到 {day}，已经太旧；补上之后的账单就知道。",
        "three_numbers": "额度、可用额度、当前可借这三个数字要放在一起看，只有放款机构知道；"
                         "本报告不作猜测。",
        "f_due": "每月要还", "f_income": "月收入", "f_ratio": "月还款占收入",
        "f_ratio_after": "借后月还款占收入", "f_balance": "未还余额合计", "f_lenders": "放款机构",
        "f_utilisation": "信用卡使用率", "f_enquiries": "审批类查询",
        "f_report_age": "信用报告", "unknown": "暂无数据",
        "n_due": "每笔取“合同月供”和“余额÷剩余月数”中较大者，信用卡按余额 {card}%",
        "n_ratio": "示例政策：超过 {watch} 注意，超过 {most} 不通过",
        "n_lenders": "其中非银行 {nonbank} 家（示例政策：{watch} 家起注意，{most} 家起不通过）",
        "n_utilisation": "示例政策：超过 {watch} 注意",
        "n_enquiries": "近 30 / 90 / 180 天；180 天内超过 {most} 次不通过",
        "n_report_age": "{day} 出具，已 {days} 天",
        "n_report_old": "{day} 出具，已 {days} 天；超过 {watch} 天的报告，机构通常会重新查询",
        "n_income_stated": "按您自己填写的数字，机构会要求证明",
        "n_income_flows": "由流水识别（见“收入与固定支出”）",
        "v_lenders": "{count} 家", "v_enquiries": "{a} / {b} / {c} 次", "v_days": "{days} 天前",
        "range_lead": "假设其他各项都没有问题，只看这一项。数字向下取整到 {grid}；"
                      "这是示例政策下的区间，不是可借额度，也不代表任何机构会放款。",
        "range_caption": "每一关的区间（示例政策）",
        "range_head": "项目|不被提示|不被拦下|说明",
        "range_none": "0", "range_top": "{amount} 以上",
        "range_closed": "这一关目前不通过，与金额大小无关", "range_free": "不受限",
        "range_person": "这一关目前要由人工看过才能定，与金额大小无关",
        "range_any": "这一关不随金额变化",
        "range_part": "超出后这一关不通过",
        "range_watch": "超出左列后会被提示，但不会因此不通过",
        "range_least": "只有很小的金额不受这一关限制",
        "e_source": "依据：{source}（截至 {day}）", "e_source_undated": "依据：{source}",
        "e_lag": "（通常 {days} 天后体现）",
        "all_fine": "资料里没有发现会拦下借款的事项。",
        "nothing_told": "现有资料里没有发现问题，但还有显示 ○ 的项目看不到；没有数据不等于正常。",
        "src_financial": "您的收入与负债资料", "src_credit_history": "信用报告",
        "src_partners": "资料中的借款申请记录", "src_behaviour": "您的账单与流水",
        "src_request": "您填写的金额与期限", "src_other": "您提供的资料",
        "r_none": "没有提供信用报告，这一部分暂无数据。下面“去哪里办”说明怎么免费取得。",
        "r_of": "报告日期 {day}，{format}；来源：{source}。",
        "r_format_simple": "简版（没有逐月还款记录）", "r_format_detailed": "详版",
        "r_format_institutional": "机构结构化版",
        "r_source": "来源：{source}，记录 {record}", "r_source_plain": "来源：{source}",
        "r_good": "其余 {count} 个账户记录正常",
        "r_enq_caption": "审批类查询：哪天退出统计，哪天不再显示",
        "r_enq_head": "编号|查询日期|机构|原因|退出 30 天|退出 90 天|退出 180 天|报告不再显示",
        "r_enq_note": "按当地零点计算；同一家机构同一天算一次。日期是记录本身的日期，"
                      "不是任何机构放款的日期。",
        "r_gone_caption": "不良记录：最早哪天不再展示",
        "r_gone_head": "记录|内容|最早不再展示",
        "r_left": "已退出",
        "r_dispute": "哪条确实有误：运行 xindeng checkup … --letters 文件夹 --dispute "
                     "A1=already_settled，"
                     "会为每条记录生成异议申请（写给征信中心或报送机构），"
                     "理由由您自己从清单里选；机构须在 {days} 天内书面答复。",
        "r_dispute_sent": "哪条确实有误：可以提出“异议”，写明是哪条记录；"
                          "也可以直接找征信中心或报送机构。机构须在 {days} 天内书面答复。",
        "do_title": "可以做",
        "do_1": "每一笔按时还款，尤其是最小的那一笔；设好自动扣款并留足余额。",
        "do_2": "日常在不同商户真实消费即可，不必为了“养账户”多花一分钱。",
        "do_3": "没有异常就不要改密码、换绑定手机或换设备：改动会开始一段等候时间。"
                "发现异常则立即改密并联系官方客服。",
        "do_4": "留好工资流水、合同、结清证明；被问到大额进账时当天就能说明。",
        "do_5": "要再试时，先用机构的“试算”（不查征信、不留记录）；暂停解除后，"
                "可以先借一笔小额，这是正常的。",
        "dont_title": "先别做",
        "dont_1": "不要再向任何机构申请借款或信用卡，不要反复点“借款”：每次申请都会多一条查询，"
                  "反复尝试不会更快。",
        "dont_2": "不要借新还旧，除非总成本（利息加费用）确实下降。",
        "dont_3": "不要自己转给自己、倒流水、刷单：不算活跃，反而可疑。",
        "dont_4": "不要把账户、验证码、屏幕交给任何人；不要为“恢复额度”付钱。",
        "way_report": "取得本人信用报告：征信中心网站或 App、多家银行 App、云闪付可免费查简版（"
                      "通常 {hours} 小时内），"
                      "每年 {free} 次免费查详版（征信中心柜台、自助机）。本人查询不影响借款。",
        "way_dispute": "异议（信用报告有误）：向征信中心或报送机构提出，{days} 天内书面答复。",
        "way_appeal": "申诉（不同意某次借款决定）：向作出决定的机构要求人工复核。",
        "way_complaint": "投诉（对服务不满意）：先找机构客服，再拨 {lines}。",
        "way_support": "官方客服不能手工恢复额度，但能告诉您大致状态和该去哪里看；"
                       "要求转账或共享屏幕的都不是官方客服。",
        "way_legal": "已被起诉或催收过度：可咨询当地法律援助（{legal}）。",
        "p_caption": "读取结果", "p_head": "资料|读到|没有采用|说明",
        "p_skipped_caption": "没有采用的行（{file}）", "p_skipped_head": "行|原因",
        "p_more": "另有 {count} 行同类，未一一列出",
        "t_folded": "{caption}（{count} 行，见网页报告）",
        "p_missing": "没有提供：{papers}。因此相关项目显示 ○ 暂无数据，而不是正常。",
        "paper_bills": "账单",
        "paper_report": "信用报告",
        "paper_debts": "负债表",
        "paper_income": "收入",
        "a_lead": "下面几点资料里看不到，本报告先假定如此；如果不是，请以实际为准：",
        "a_adult": "已成年",
        "a_verified": "在放款机构已完成实名认证",
        "a_account_open": "账户已开通、没有安全异常",
        "a_limit_enough": "额度本身足够，没有正在生效的暂停",
        "a_gone_on": "账单只到 {until}；之后到核算日期的收支，与账单最后 30 天相当",
        "a_clean_report": "没有提供信用报告，所以推算时假定它没有不良记录、近期也没有申请",
        "l_none": "信用报告里没有会影响您的记录，所以没有写异议申请；确有错误的，用 --dispute "
                  "指明。",
        "s_debts": "还债：几种办法的差别",
        "s_plan": "能做的改变",
        "s_projection": "什么都不做，只是等",
        "s_alternatives": "借不到时的其他办法", "s_fund": "应急金",
    },
    "en": {
        "title": "Borrowing check-up",
        "estimate": "An estimate under a reference policy; not the approval rules of any lender.",
        "local": "Made on your own device only: nothing was sent, uploaded or asked of the credit "
                 "bureau. Whether and when the bureau is queried is up to the lender you apply to, "
                 "with your consent.",
        "local_sent": "Your papers were read for this check-up alone and are deleted already: "
                      "nothing was stored, no mark was left, no credit bureau was asked. Whether "
                      "and when one is queried is up to the lender you apply to, with your "
                      "consent.",
        "as_of": "As of {day}, under {policy} version {version}.",
        "we_means": "What follows quotes the reference policy; “we” in it is a lender that would "
                    "use this policy, and no real one.",
        "asked": "Worked out for {amount} over {months} months at {rate} a year (simple), an "
                 "instalment of {instalment}.",
        "not_asked": "No amount was given, so everything is worked out for the smallest draw, "
                     "{amount} ({months} months, {rate} a year, simple).",
        "s_first": "First of all",
        "s_overview": "How things stand",
        "s_figures": "The main numbers",
        "s_ranges": "What each gate would hold",
        "s_reasons": "Why, and what to do",
        "s_report": "Your credit report, record by record",
        "s_flows": "Income and fixed costs",
        "s_spending": "Spending and instalments",
        "s_help": "If things are hard",
        "s_observe": "From here on: what to do, and what not",
        "s_ways": "Where to go",
        "s_papers": "The papers behind this report",
        "repayment": "Repayments go on as usual: a pause of draws never stops a repayment.",
        "scam": "Anyone who charges a fee to “unfreeze”, raise a limit or clean a credit record is "
                "a swindler.",
        "safety": "Something in the flows of money must be verified before more can be said. If "
                  "somebody has you receive or pass on money, or asks to see your screen, stop at "
                  "once and call the anti-fraud line {fraud}. If it is your own ordinary business, "
                  "keep the contract or receipt.",
        "income_zero": "There is no income at present: ask for hardship help before borrowing "
                       "more.",
        "hardship_1": "Call each lender, explain, and ask for a deferral, a new schedule or a "
                      "pause "
                      "of collection; asking costs no points and no fee.",
        "hardship_2": "Have papers that show it: the end of a contract, a diagnosis, a notice of "
                      "closure.",
        "hardship_3": "Housing, power, food and health come first; then pay where being late hurts "
                      "most. Do not borrow to repay.",
        "hardship_4": "If they do not respond, or collection goes too far, call {lines}.",
        "known_from": "From: {facts}",
        "no_fact": "nothing that needs attention was found",
        "paper_tells": "Not in these papers. {paper}",
        "paper_identity": "The lender's app shows under “identity” whether it is complete.",
        "paper_security": "The lender's app lists devices, checks and waits under “security”.",
        "paper_attempts": "The lender's app lists the latest tries under “draws”.",
        "paper_line": "The lender's app shows limit and available amount; what can be borrowed now "
                      "is told by its own trial.",
        "paper_platform": "How the platform itself stands only the platform knows; it is not you.",
        "paper_bureau": "Your credit report (the simple one will do) tells.",
        "paper_applications": "The enquiries in your credit report tell.",
        "paper_debt": "A table of debts or the credit report, with proof of income, tells.",
        "paper_activity": "An Alipay or WeChat bill tells.",
        "paper_cash_flow": "An Alipay or WeChat bill, or a bank statement, tells.",
        "paper_consumption": "An Alipay or WeChat bill tells.",
        "paper_score": "Each lender scores by itself; a full report and bills make the reference "
                       "score more telling.",
        "paper_other": "Only the lender knows.",
        "lacks": "These papers do not tell all of this area. {paper}",
        "paper_detailed": "The simple report has no months of repayment; the detailed one (free "
                          "twice a year) tells.",
        "paper_old": "The credit report at hand is of {day} and too old; a new one (free, see "
                     "“Where to go”) tells.",
        "paper_old_bills": "The bills at hand end on {day} and are too old; newer ones tell.",
        "three_numbers": "Limit, available and borrowable now belong together, and only the lender "
                         "knows them; nothing is guessed here.",
        "f_due": "To pay each month", "f_income": "Monthly income",
        "f_ratio": "Payments to income", "f_ratio_after": "Payments to income after the draw",
        "f_balance": "Owed in all", "f_lenders": "Lenders", "f_utilisation": "Card utilisation",
        "f_enquiries": "Approval enquiries", "f_report_age": "Credit report",
        "unknown": "no data yet",
        "n_due": "of each debt the greater of its contract's instalment and balance ÷ months left; "
                 "cards {card} % of balance",
        "n_ratio": "reference policy: take care above {watch}, not passed above {most}",
        "n_lenders": "not banks: {nonbank} (reference policy: take care from {watch}, not "
                     "passed from {most})",
        "n_utilisation": "reference policy: take care above {watch}",
        "n_enquiries": "in 30 / 90 / 180 days; not passed above {most} in 180 days",
        "n_report_age": "of {day}, {days} days old",
        "n_report_old": "of {day}, {days} days old; beyond {watch} days lenders mostly look again",
        "n_income_stated": "as you stated it; a lender will ask for proof",
        "n_income_flows": "recognised from your flows (see “Income and fixed costs”)",
        "v_lenders": "{count}", "v_enquiries": "{a} / {b} / {c}", "v_days": "{days} days ago",
        "range_lead": "As if all else were in order, looking at one area alone. Rounded down to "
                      "{grid}; a range under the reference policy, not an amount anybody would "
                      "lend.",
        "range_caption": "Range of each gate (reference policy)",
        "range_head": "Area|no remark up to|not stopped up to|meaning",
        "range_none": "0", "range_top": "above {amount}",
        "range_closed": "not passed at present, whatever the amount",
        "range_person": "a person would have to look first, whatever the amount",
        "range_free": "no bound",
        "range_any": "does not depend on the amount",
        "range_part": "beyond it this area does not pass",
        "range_watch": "beyond the left figure there is a remark, but nothing stops",
        "range_least": "only a very small amount is free of this gate",
        "e_source": "Source: {source} (as of {day})", "e_source_undated": "Source: {source}",
        "e_lag": " (usually shows after {days} days)",
        "all_fine": "Nothing in these papers would stop a draw.",
        "nothing_told": "Nothing was found in these papers, but they do not tell of what shows ○; "
                        "no data is not fine.",
        "src_financial": "your income and debts", "src_credit_history": "your credit report",
        "src_partners": "applications in your papers", "src_behaviour": "your bills and statements",
        "src_request": "the amount and term you gave", "src_other": "your papers",
        "r_none": "No credit report was given, so nothing is known here. “Where to go” tells how "
                  "to get it for free.",
        "r_of": "Report of {day}, {format}; from {source}.",
        "r_format_simple": "simple form (no months of repayment)",
        "r_format_detailed": "detailed form", "r_format_institutional": "institutional form",
        "r_source": "From {source}, record {record}", "r_source_plain": "From {source}",
        "r_good": "The other {count} accounts are in order",
        "r_enq_caption": "Approval enquiries: when each leaves a count, and the report",
        "r_enq_head": "No.|Day|Lender|Reason|leaves 30 days|leaves 90 days|leaves 180 days|"
                      "gone from report",
        "r_enq_note": "Days turn at local midnight; one lender on one day is one. These are dates "
                      "of the record, not of anybody's lending.",
        "r_gone_caption": "Bad records: the earliest day they are no longer shown",
        "r_gone_head": "Record|What|no longer shown from",
        "r_left": "already",
        "r_dispute": "If a record really is wrong: xindeng checkup … --letters FOLDER --dispute "
                     "A1=already_settled writes a "
                     "dispute for each record, to the bureau or to the lender; you choose what is "
                     "wrong from a list. An answer in writing is due within {days} days.",
        "r_dispute_sent": "If a record really is wrong: open a dispute (异议) and name it, or go "
                          "to the bureau or to whoever reported it. An answer in writing is "
                          "due within {days} days.",
        "do_title": "Do",
        "do_1": "Pay everything on time, the smallest above all; set up automatic payment with "
                "enough balance.",
        "do_2": "Ordinary purchases at different merchants are enough; never spend more to keep "
                "an account “alive”.",
        "do_3": "Without any suspicion leave password, phone and device as they are: a change "
                "starts a wait. With suspicion change the password at once and call support.",
        "do_4": "Keep pay slips, contracts and settlement letters, so that a large payment can be "
                "explained the same day.",
        "do_5": "When trying again, use the lender's trial first (no enquiry, no trace). After a "
                "pause ends, one small draw first is ordinary.",
        "dont_title": "Not now",
        "dont_1": "Do not apply anywhere and do not press “borrow” again and again: each "
                  "application adds an enquiry, and trying over and over is no faster.",
        "dont_2": "Do not borrow to repay, unless the total cost, interest and fees, really falls.",
        "dont_3": "Do not move money in circles or fake purchases: it is not activity, it is "
                  "suspicious.",
        "dont_4": "Give nobody your account, codes or screen; pay nobody to “restore” a limit.",
        "way_report": "Your own credit report: the bureau's site or app, many banks' apps and "
                      "UnionPay's app give the simple one free (usually within {hours} hours); "
                      "{free} detailed ones a year are free at the bureau's counters and machines. "
                      "Looking at it yourself does no harm.",
        "way_dispute": "Dispute (异议), the report is wrong: to the bureau or the lender that "
                       "reported it, answered in writing within {days} days.",
        "way_appeal": "Appeal (申诉), you disagree with a decision: ask that lender for a person "
                      "to "
                      "look at it.",
        "way_complaint": "Complaint (投诉), you are unhappy with the service: the lender's support "
                         "first, then {lines}.",
        "way_support": "Support cannot restore a limit by hand, but can tell the general state and "
                       "where to look; whoever asks for money or your screen is not support.",
        "way_legal": "Sued, or pressed too hard: ask the local legal aid ({legal}).",
        "p_caption": "What was read", "p_head": "Paper|read|left out|notes",
        "p_skipped_caption": "Lines left out ({file})", "p_skipped_head": "Line|Reason",
        "p_more": "{count} more of the kind, not listed",
        "t_folded": "{caption} ({count} rows, on the page)",
        "p_missing": "Not given: {papers}. What rests on them shows ○ no data yet, not fine.",
        "paper_bills": "bills", "paper_report": "credit report", "paper_debts": "table of debts",
        "paper_income": "income",
        "a_lead": "These papers do not tell the following, so it is taken for granted here; if it "
                  "is not so, what is real counts:",
        "a_adult": "you are of age", "a_verified": "your identity is verified with the lender",
        "a_account_open": "the account is open and safe",
        "a_limit_enough": "the limit itself is large enough and no pause is in force",
        "a_gone_on": "since the bills end on {until}, income and spending went on as in their last "
                     "30 days",
        "a_clean_report": "no credit report was given, so it is taken to be in order and free of "
                          "recent applications",
        "l_none": "Nothing in the report weighs against you, so no dispute was written; name a "
                  "record "
                  "that is wrong with --dispute.",
        "s_debts": "Paying debts: how the ways differ", "s_plan": "What you can change",
        "s_projection": "Doing nothing but wait", "s_alternatives": "Other ways than this line",
        "s_fund": "An emergency fund",
    },
}  # fmt: skip
