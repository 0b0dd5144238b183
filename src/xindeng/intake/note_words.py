"""What importers say of a paper, in Chinese: its notes, why a line was left out, why it is refused.

Importers speak plain English; a person's report speaks their language. Each pair is a text as an
importer writes it, with places for what varies, and the same in Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

from xindeng.decision.words import Language
from xindeng.intake.asked_words import ASKED
from xindeng.intake.refusal_words import REFUSALS
from xindeng.intake.sent_words import SENT
from xindeng.kernel.errors import XindengError

_PAIRS: Final = (
    # any table
    ("sheet {name} is hidden and was not read", "工作表“{name}”是隐藏的，没有读"),
    ("more cells than headings: a comma within a text", "格子比标题多：文字里有逗号"),
    ("merged cells {cells}: unmerge them and fill each row",
     "合并单元格 {cells}：请取消合并，每行各填一格"),
    ("a date in the future", "日期还没到"),
    ("amount is zero", "金额为 0"),
    # bills and statements
    ("read as {bank}", "按“{bank}”的格式读取"),
    ("{status}: no money moved for good", "“{status}”：钱没有真正付出或收到"),
    ("status {status} not known", "不认识的状态“{status}”"),
    ("refunded in full", "已全额退款"),
    ("refund of a closed trade", "已关闭交易的退款"),
    ("收/支 {side}: kind not known", "收/支“{side}”：不认识的种类"),
    ("收/支 {side}: {kind} not known", "收/支“{side}”：不认识的种类“{kind}”"),
    ("both in and out are filled", "收入和支出两格都填了"),
    ("neither in nor out is filled", "收入和支出两格都没有填"),
    ("side {side} not known", "不认识的收支方向“{side}”"),
    ("{currency}: only yuan are read", "{currency}：只读人民币"),
    ("currency {currency} not known", "不认识的币种“{currency}”"),
    ("the same file as {name}", "与 {name} 是同一个文件，没有重复读"),
    # a table of debts
    ("the column {name} is not known and is not read", "不认识{name}这一列，没有采用"),
    ("no minimum given: the policy's share of the balance is counted",
     "没有写最低还款：按政策的比例计入"),
    ("no monthly payment given: the balance is spread over the months the policy says",
     "没有写每月应还：按政策的月数摊开计入"),
    ("no rate given: it stays unknown and no interest is computed",
     "没有写利率：按未知处理，不计算利息"),
    ("rate 0: read as free of interest, as written", "利率写的是 0：按不计利息处理"),
    ("{rate}% {times} = {year}% a year, simple", "{rate}% {times} = 年化 {year}%（单利）"),
    ("no balance given: it stays unknown, only its monthly payment is counted",
     "没有写余额：按未知处理，只计入每月应还"),
    ("{due} a month does not even pay the interest, about {interest}: at this pace the debt never "
     "ends", "每月 {due} 还不够付利息（约 {interest}）：照这样还不清"),
    ("{months} payments of {due} are less than the balance {balance}: check the three",
     "{months} 期、每期 {due}，加起来不到余额 {balance}：请核对这三个数"),
    ("no months left and still owed: read as due at once", "剩余期数为 0 却还有欠款：按现在就到期"),
    ("a payment of {due} above the balance {balance}: check both",
     "每月应还 {due} 比余额 {balance} 还多：请核对"),
    ("the same as {place}; if it is one debt, delete one row",
     "与 {place} 相同；如果是同一笔，请删掉一行"),
    # a credit report
    ("{parts} parts could not be read, so no figure is given that could hide in them",
     "有 {parts} 处没有读懂，可能受它们影响的数字一律不给"),
    ("name or id number are not the expected person's: a person must look",
     "姓名或证件号与本人不符，需要人工核对"),
    ("the report holds no account, guarantee or public record: no record, not a bad one",
     "报告里没有账户、担保或公共记录：是没有记录，不是有不良记录"),
    ("{name}: the summary says {said} yuan, the accounts add up to {found}",
     "{name}：概要写 ¥{said}，明细合计 ¥{found}"),
    ("{name}: the summary says {said}, the details show {found}",
     "{name}：概要写 {said}，明细是 {found}"),
    ("the card's other currency shares its limit: once", "同一张卡的外币户共用额度，只算一次"),
    ("this line and its lender's sub-accounts count as one debt",
     "这个循环额度和它名下的分账户算一笔债"),
    ("{who} asked more than once that day: one enquiry", "{who}同一天查询了不止一次，算一次"),
    ("{months} months of the 还款记录 are empty: unknown", "还款记录有 {months} 个月空白：未知"),
    ("{currency}账户: amounts are in yuan, as the report says",
     "{currency}账户：金额按报告所写，已折人民币"),
    ("an amount beyond any person's account", "金额超出个人账户的可能范围"),
    ("no account begins here: 账户1 was expected", "这里没有账户开头，应为“账户1”"),
    ("no account begins here: a number and a day were expected",
     "这里没有账户开头，应为序号和日期"),
    ("{part}: lender or amount is missing", "{part}：缺少机构或金额"),
    ("{part}: lender or amount not in the form known here", "{part}：机构或金额的写法不认识"),
    ("{part}: day, who asked, or why is not known here", "{part}：日期、机构或原因不认识"),
    ("查询记录: {day} is no day", "查询记录：{day} 不是日期"),
    ("查询记录: who asked, or why, is not known here", "查询记录：查询机构或原因不认识"),
    ("授信协议: its debt is that of its accounts", "授信协议：欠款已算在它的账户里"),
    ("not about credit: left to the person", "与信贷无关，没有读"),
    ("account {number}: {fault}", "账户 {number} 没有读懂（{fault}）"),
    ("account: {fault}", "账户没有读懂（{fault}）"),
    # why an account could not be read
    ("a number stands in two parts", "有一个数字断成了两截"),
    ("账户状态 is both {one} and {other}", "账户状态既是{one}又是{other}"),
    ("no lender (管理机构, 发卡机构)", "没有管理机构或发卡机构"),
    ("no lender", "没有机构"),
    ("no balance{names}", "没有余额{names}"),
    ("逾期 without an amount (当前逾期总额)", "写着逾期，却没有当前逾期总额"),
    ("当前逾期 without an amount", "写着当前逾期，却没有金额"),
    ("months overdue in no form known here", "逾期月数的写法不认识"),
    ("never overdue and overdue now, both", "既写从未逾期，又写当前逾期"),
    ("no sentence about an account as this report writes them", "不是这种报告描述账户的句子"),
    ("no sentence about a claim as this report writes them", "不是这种报告描述追偿的句子"),
    ("a sign in the 还款记录 is not known here (page {page}, line {line})",
     "还款记录里有不认识的符号（第 {page} 页第 {line} 行）"),
    ("two 还款记录 differ for {month}", "{month} 的两份还款记录不一致"),
    ("{text} is no amount in whole yuan", "{text} 不是整元金额"),
    ("{text} is no number", "{text} 不是数字"),
    ("{text} is no day", "{text} 不是日期"),
    ("account type {word} is not known here", "不认识的账户类型 {word}"),
    ("{text} is not known here", "不认识：{text}"),
)  # fmt: skip

_PLACE: Final = re.compile(r"((?:page \d+, )?line \d+|[^\s:：]+:\d+|[^:：]+, sheet .+?, row \d+): ")
_PAGE: Final = re.compile(r"(?:, )?\bpage (\d+)(?:, line (\d+))?")
_SHEET: Final = re.compile(r", sheet (.+?), row (\d+)")
_NAMES: Final = {"borrower": "借款人", "decision": "决定", "plan": "计划", "proposal": "提议"}
_WHOSE: Final = re.compile(rf"^({'|'.join(_NAMES)}) (?=\S+$)")
_CELL: Final = re.compile(
    r"""(.+?(?::|,\ row\ )\d+)\ ([^\s:]+):\ ((?:'[^']*'|"[^"]*")?.*?)\ \((.+)\)""", re.VERBOSE
)
"""One cell of a table of debts that cannot be read: place, heading, what, what was expected."""
_QUOTED: Final = re.compile(r"""(['"])(.*)\1""", re.DOTALL)
_SLOT: Final = re.compile(r"\\\{(\w+)\\\}")


def in_chinese(said: str) -> str:
    """Return what an importer said in Chinese; a text that is not known here comes back as it is.

    A place before it ("debts.csv:3: ", "page 2, line 5: ") stays in front.
    """
    if place := _PLACE.match(said):
        return f"{_where(place[1])}：{in_chinese(said[place.end() :])}"
    for pattern, chinese in _patterns():
        if match := pattern.fullmatch(said):
            return chinese.format(**{k: _filled(v) for k, v in match.groupdict().items()})
    return said


@contextmanager
def refusals_in(language: Language, *, sent: bool = False) -> Iterator[None]:
    """Let an error that arises within speak the reader's language: what, where, and what to do;
    of papers that were `sent` in the words of a page instead of those of a terminal."""
    try:
        yield
    except XindengError as error:
        if sent:
            error.what = SENT.get(error.what, error.what)
            error.next_step = SENT.get(error.next_step, error.next_step)
        tell_in(language, error)
        raise


def tell_in(language: Language, error: XindengError) -> None:
    """Let an error speak the reader's language, if it has words for it: what, where, what to do."""
    if language == "zh" and (what := in_chinese(error.what)) != error.what:
        error.what, error.where = what, _where(error.where)
        error.next_step, error.language = in_chinese(error.next_step), "zh"


def _where(place: str) -> str:
    def page(match: re.Match[str]) -> str:
        line = f"第 {match[2]} 行" if match[2] else ""
        return f"{' ' if match.start() else ''}第 {match[1]} 页{line}"

    place = _WHOSE.sub(lambda match: f"{_NAMES[match[1]]} ", place)
    return _PAGE.sub(page, _SHEET.sub(r" 工作表“\1”第 \2 行", place))


def _filled(text: str) -> str:
    """Return what stands in a place of a text: known words in Chinese, quotes as Chinese has them,
    the cells that cannot be read one by one."""
    if quoted := _QUOTED.fullmatch(text):
        return "“{}”".format(quoted[2].replace("”", '"'))
    lines = text.split("\n  ")
    return "\n  ".join(_cell(one) for one in lines) if _CELL.match(text) else in_chinese(text)


def _cell(line: str) -> str:
    match = _CELL.fullmatch(line)
    if match is None:
        return in_chinese(line)
    where, heading, what, expected = match.groups()
    return f"{_where(where)} {heading}：{in_chinese(what)}（{in_chinese(expected)}）"


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(_SLOT.sub(r"(?P<\1>.+?)", re.escape(english)), re.DOTALL), chinese)
        for english, chinese in (*_PAIRS, *REFUSALS, *ASKED)
    )
