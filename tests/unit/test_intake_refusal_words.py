"""Why a paper is refused, in the reader's language: every sentence in the importers has its Chinese.

Not only what is raised is looked at: every sentence that stands in a module which reads a person's
papers, so that a text on its way through a table, a helper or a constant is found as well.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import xindeng
from xindeng.intake.note_words import in_chinese, refusals_in
from xindeng.intake.sent_words import SENT
from xindeng.kernel.errors import ImportFileError, InputError

SOURCE = Path(xindeng.__file__).parent
NOT_A_PERSONS = {
    "berka.py",  # a data set of a study
    "events_file.py", "wide.py", "macro_series.py",  # an operator's events and series
    "note_words.py", "refusal_words.py", "asked_words.py", "sent_words.py",  # the words themselves
    "debts_template.py",  # written in either language
}  # fmt: skip
PAPERS = ("service/checkup.py", "service/checkup_sent.py")
ASKED = (
    *PAPERS, "service/letters.py", "cli/checkup.py",
    "cli/borrower.py", "cli/plan.py", "cli/policy.py", "cli/proposals.py", "cli/stance.py",
    "cli/steer.py", "service/plan.py", "service/product.py", "service/proposals.py",
    "service/stances.py", "service/stood.py", "service/versions.py", "service/policies.py",
    "service/changes.py", "service/own_cases.py", "store/borrowers.py", "store/decisions.py", "store/plans.py",
    "store/proposals.py", "policy/products.py", "policy/stance_view.py", "decision/pricing.py",
    "access/staff.py", "intake/macro_series.py",
)  # fmt: skip
"""Modules of commands that speak Chinese: what they raise is refused in the same words."""
TOLD_BY_NOBODY = {
    "a grid of five years at most, told from the older month",  # a fault of ours
    "guarantee accounts", "public records",  # names of parts in the structure for institutions
    "xindeng checkup", "plan reprove", "plan x1, plan x1",  # where it was
}  # fmt: skip
PIECE = re.compile(
    # pieces of which a whole text is made that is looked at itself, and the codes of institutions
    r"P[AD]\d\d\w+(: | \()|no (day|number|amount in whole yuan)|not a date( and time)?|line of x1|"
    r"(x1, )?(page|sheet) x1, (line x1|row)(: x1)?|two signs for x1-x1|x1: x1 is a day, not a month|"
    r"x1: x1 of x1 is not known|x1: x1; the report is of x1"
)


def sentences(tree: ast.AST) -> Iterator[str]:
    """Yield the texts in a piece of source, what varies in them as "x1"; no docstrings."""
    for node in ast.iter_child_nodes(tree):
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        headings = isinstance(node, ast.keyword) and node.arg == "columns"
        pattern = isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile"
        if docstring or headings or pattern:
            continue
        if isinstance(node, ast.JoinedStr | ast.BinOp):
            yield whole(node)
            yield from (text for part in ast.walk(node) if isinstance(part, ast.IfExp | ast.Call)
                        for text in sentences(part))  # fmt: skip
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        else:
            yield from sentences(node)


def whole(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(map(whole, parts))
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return whole(left) + whole(right)
    return "x1"


def refusals(asked: tuple[str, ...] = ASKED) -> Iterator[str]:
    for path in sorted((SOURCE / "intake").rglob("*.py")):
        if path.name not in NOT_A_PERSONS:
            yield from sentences(ast.parse(path.read_text(encoding="utf-8")))
    for name in asked:
        for node in ast.walk(ast.parse((SOURCE / name).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Error"):
                yield from sentences(node)


def is_sentence(text: str) -> bool:
    words = " " in text and len(re.findall(r"[A-Za-z]{2,}", text)) > 1
    return words and text not in TOLD_BY_NOBODY and not PIECE.match(text)


SAID = sorted({text.strip() for text in refusals() if is_sentence(text.strip())})


def is_told(said: str) -> bool:
    """Tell whether a text has its Chinese, and all of it."""
    bare = said.removeprefix("x1: ")  # a place stands before it
    told = {in_chinese(said), in_chinese(bare)} - {said, bare}
    prose = [re.sub("`.*?`", "", one) for one in told]  # commands are the same in each language
    return any(not re.search(r"[a-z]{3,} [a-z]{2,}", one) for one in prose)


def test_the_texts_are_found():
    assert len(SAID) > 200
    assert {"the file is empty", "write 1 to 31", "not x1 text", "get the present report: x1"} <= {
        *SAID
    }


@pytest.mark.parametrize("said", SAID)
def test_every_text_has_its_chinese(said):
    assert is_told(said), "add it to intake/refusal_words.py"


def test_a_text_without_its_chinese_is_caught():
    planted = ast.parse(
        'raise ImportFileError(f"{n} rows of nothing at all", next_step="try it " + HOW)'
    )
    found = list(sentences(planted))
    assert found == ["x1 rows of nothing at all", "try it x1"]
    assert not any(map(is_told, found))
    assert not is_told("PDF, the PDF holds no text"), "nor one of which a part is left in English"


TERMINAL = re.compile(r"(?<![\w-])--\w|`?xindeng \w|docs/")
AT_A_TERMINAL_ALONE = {"see docs/how-to/read-your-own-bills.md for what a mapping file may hold"}
"""No page takes a mapping."""


def test_nobody_on_a_page_is_told_of_commands():
    """Each refusal of a paper that names an option or a command has words for a page, in both
    languages, and they name none."""
    said = {one.strip() for one in refusals(PAPERS) if is_sentence(one.strip())}
    speaking = {one for one in said if TERMINAL.search(one)}
    assert set(SENT) <= speaking, "words for what is not said any more"
    assert speaking - set(SENT) - AT_A_TERMINAL_ALONE == set()
    for one in SENT.values():
        chinese = in_chinese(one)
        assert chinese != one and not TERMINAL.search(one + chinese)


def refused(
    what: str, where: str, next_step: str, language: str = "zh", *, sent: bool = False
) -> str:
    with pytest.raises(InputError) as caught, refusals_in(language, sent=sent):
        raise ImportFileError(what, where=where, next_step=next_step)
    return str(caught.value)


def test_what_where_and_the_next_step_are_told():
    said = ("the PDF is cut off or damaged", "报告.pdf, page 3", "download or copy the file again")
    assert refused(*said) == (
        "报告.pdf 第 3 页：PDF 不完整或已损坏\n  下一步：请重新下载或复制文件"
    )
    assert refused(*said, language="en") == (
        "报告.pdf, page 3: the PDF is cut off or damaged\n  next: download or copy the file again"
    )
    assert refused("not an amount: 'abc'", "a.xlsx, sheet 明细, row 9", "write e.g. 8000.00") == (
        "a.xlsx 工作表“明细”第 9 行：不是金额：“abc”\n  下一步：请写成 8000.00"
    )


@pytest.mark.parametrize("terminal", SENT)
def test_what_was_sent_is_refused_in_the_words_of_a_page(terminal):
    for language in ("zh", "en"):
        assert not TERMINAL.search(refused(terminal, "a", terminal, language, sent=True))
        assert TERMINAL.search(refused(terminal, "a", terminal, language)), "as at a terminal"


def test_each_cell_of_a_table_of_debts_is_told():
    cells = (
        "these cells cannot be read:\n"
        "  d.csv:2 余额: 'a (b' is no amount (write e.g. 12000.50 or 1.2万)\n"
        "  d.xlsx, sheet 债务, row 3 年利率: '0.5' as a rate a year is below 1 % "
        "(a daily rate of 0.5% is 182.5% a year (use the column 日利率); a share of 0.5 is 50%)"
    )
    assert refused(cells, "d.csv", "").splitlines() == [
        "d.csv：这些格子没有读懂：",
        "  d.csv:2 余额：“a (b” 不是金额（请写成 12000.50 或 1.2万）",
        "  d.xlsx 工作表“债务”第 3 行 年利率：“0.5” 作为年利率低于 1%"
        "（日利率 0.5% 等于年化 182.5%（请填在日利率一列）；比例 0.5 等于 50%）",
    ]


def test_a_text_of_others_stays_whole():
    assert refused("what nobody wrote", "here", "check the path") == (
        "here: what nobody wrote\n  next: check the path"
    )


@pytest.mark.parametrize(
    ("said", "chinese"),
    [
        ("cannot be read: Too many levels of symbolic links", "无法读取：链接绕回了自己"),
        ("the tag tag:yaml.org,2002:python/name is not accepted", "不接受标签 tag:yaml.org"),
        ("anchors and aliases are not accepted", "不接受锚点和别名"),
    ],
)
def test_a_loop_of_links_and_a_hostile_mapping_are_refused_in_chinese(said, chinese):
    assert in_chinese(said).startswith(chinese)
