"""The reader of credit reports: what each sentence means, what is refused where, what never leaks."""

from __future__ import annotations

import io
import json
import subprocess
import zlib
from dataclasses import replace as also

import pytest
from msgspec.structs import replace
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from tests.pboc_reports import SHANGHAI, plain, read, truth, written
from xindeng.events.envelope import write_event
from xindeng.intake.pboc.draft import Holder
from xindeng.intake.pboc.read import read_pboc
from xindeng.intake.pboc.sentences import Unclear, read_sentence
from xindeng.kernel.errors import ImportFileError
from xindeng.kernel.time import DAY
from xindeng.lab.papers.person import day, made_up, story
from xindeng.lab.papers.reports import LAYOUTS, write_report

TODAY = day("2026-07-01")


def told(text: str, section: str = "loan", never_late: bool | None = None):
    one = read_sentence(text, section, never_late, TODAY)
    return one.kind, one.lender, one.fields


# ---- sentences ----------------------------------------------------------------------------------


def test_a_loan():
    kind, lender, said = told(
        "2023年2月3日甲银行发放的300,000元(人民币)个人消费贷款，2027年2月3日到期。截至2026年5月，余额200,000，"
        "逾期金额1,250。最近5年内有7个月处于逾期状态，其中2个月逾期超过90天。"
    )
    assert (kind, lender) == ("D1", "甲银行")
    assert said == {
        "status": "overdue", "overdue_amount": 125_000, "late_months_5y": 7,
        "late_90_months_5y": 2, "opened_day": day("2023-02-03"), "limit": 30_000_000,
        "balance": 20_000_000, "ends_day": day("2027-02-03"), "months_left": 8,
    }  # fmt: skip


def test_a_settled_loan_owes_nothing_but_one_that_is_not_settled_does():
    assert told("2019年1月1日甲银行发放的30,000元(人民币)个人消费贷款，2021年2月已结清。")[2] == {
        "status": "settled", "closed_day": day("2021-02-01"), "opened_day": day("2019-01-01"),
        "limit": 3_000_000, "balance": 0,
    }  # fmt: skip
    owed = told(
        "2019年1月1日甲银行发放的30,000元(人民币)个人消费贷款。截至2026年5月，未结清，余额500。"
    )[2]
    assert (owed["balance"], owed.get("status")) == (50_000, None)


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("。截至2026年5月，信用额度50,000，已使用额度12,300。", (5_000_000, 1_230_000, None)),
        (
            "，卡片尾号:1234)。截至2026年5月，信用额度9,000，余额2,000，当前无逾期。",
            (900_000, 200_000, None),
        ),
        ("。截至2026年5月，信用额度8,000，尚未激活。", (800_000, 0, "inactive")),
        ("，2023年2月销户。", (None, 0, "closed")),
        ('。截至2026年5月，信用额度10，余额9。账户状态为"呆账"。', (1000, 900, "bad_debt")),
        ("。截至2026年5月，信用额度折合人民币700，已使用额度折合人民币70。", (70_000, 7000, None)),
    ],
)
def test_cards(rest, expected):
    head = "2022年1月2日甲银行信用卡中心发放的贷记卡(人民币账户"
    text = head + (rest if rest.startswith("，卡片") else ")" + rest)
    kind, _, said = told(text, "card")
    assert kind == "R2"
    assert (said["limit"], said["balance"], said.get("status")) == expected


def test_a_revolving_line_and_a_part_under_it():
    line = "2024年3月4日甲银行为其他个人消费贷款授信，额度有效期至2027年3月4日，可循环使用。截至2026年5月，" \
           "信用额度500,000元(人民币)，余额为120,000，当前无逾期。"  # fmt: skip
    kind, _, said = told(line)
    assert (kind, said["limit"], said["balance"]) == ("R1", 50_000_000, 12_000_000)
    assert said["ends_day"] == day("2027-03-04") and "months_left" not in said
    assert told(line.replace("贷款授信", "贷款(循环额度下分账户)授信"))[0] == "R4"


def test_a_claim_sold_on_is_a_bad_debt():
    kind, lender, said = told(
        "2020年3月20日乙资产管理公司接收债权，金额10,000。余额9,000。", "claim"
    )
    assert (kind, lender, said["status"], said["balance"]) == (
        "C1",
        "乙资产管理公司",
        "bad_debt",
        900_000,
    )


def test_what_is_not_said_stays_unknown():
    text = "2022年1月2日甲银行发放的{}(人民币账户)。截至2026年5月，信用额度9,000，余额2,000。"
    assert "late_months_5y" not in told(text.format("贷记卡"), "card")[2]
    assert told(text.format("贷记卡"), "card", True)[2]["late_months_5y"] == 0
    # 透支未超过60天 is less than never overdue.
    assert "late_months_5y" not in told(text.format("准贷记卡"), "card", True)[2]


@pytest.mark.parametrize(
    "text",
    [
        "2023年2月3日甲银行发放的300,000元(人民币)个人消费贷款，2026年2月3日到期。",
        "2023年2月30日甲银行发放的300,000元(人民币)个人消费贷款。截至2026年5月，余额1。",
        "2023年2月3日甲银行发放的3,00元(人民币)个人消费贷款。截至2026年5月，余额1。",
        "2023年2月3日甲银行发放的300元(人民币)个人消费贷款。截至2026年5月，余额1，当前逾期。",
        "2023年2月3日甲银行发放的300元(人民币)个人消费贷款。截至2026年5月，余额1。有些月处于逾期状态。",
        "",
    ],
)
def test_a_sentence_that_leaves_out_what_counts_is_not_read(text):
    with pytest.raises(Unclear):
        told(text)


def test_never_overdue_and_overdue_now_cannot_both_be():
    with pytest.raises(Unclear):
        told(
            "2023年2月3日甲银行发放的300元(人民币)消费贷款。截至2026年5月，余额1，逾期金额1。",
            never_late=True,
        )


# ---- the file -----------------------------------------------------------------------------------


def refusal(path, **more) -> ImportFileError:
    with pytest.raises(ImportFileError) as caught:
        read(path, **more)
    assert caught.value.next_step
    return caught.value


def saved(tmp_path, text: str, name: str = "r.txt"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def simple_text(sample) -> str:
    return write_report(sample, "simple", "text").decode()


def detailed_text(sample) -> str:
    return write_report(sample, "detailed", "tabs").decode()


def test_a_locked_pdf(tmp_path):
    canvas = Canvas(str(tmp_path / "r.pdf"), encrypt=StandardEncryption("secret", canPrint=1))
    canvas.drawString(50, 700, "x")
    canvas.save()
    error = refusal(tmp_path / "r.pdf")
    assert error.code == "import.locked" and "password" in error.next_step


def test_a_scan(tmp_path):
    canvas = Canvas(str(tmp_path / "r.pdf"))
    canvas.drawImage(ImageReader(Image.new("L", (40, 40))), 50, 500, 300, 300)
    canvas.save()
    error = refusal(tmp_path / "r.pdf")
    assert error.code == "import.scan" and "not guessed" in error.what


def test_a_blank_and_a_damaged_pdf(tmp_path):
    canvas = Canvas(str(tmp_path / "r.pdf"))
    canvas.showPage()
    canvas.save()
    assert refusal(tmp_path / "r.pdf").code == "import.blank"
    whole = write_report(story("1"), "detailed", "ruled")
    (tmp_path / "r.pdf").write_bytes(whole[: len(whole) // 2])
    assert refusal(tmp_path / "r.pdf").code in {"import.damaged", "import.blank"}


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "time"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "memory"),
        ("raise SystemExit(3)", "failed"),
        ("import time; time.sleep(60)", "time"),
    ],
)
def test_the_process_that_opens_pdfs_may_end_in_any_way(tmp_path, monkeypatch, code, error):
    run = subprocess.run

    def instead(call, **more):
        return run([call[0], "-c", code], **{**more, "timeout": 5})

    monkeypatch.setattr(subprocess, "run", instead)
    (tmp_path / "r.pdf").write_bytes(b"%PDF-1.4")
    assert refusal(tmp_path / "r.pdf").code == f"import.{error}"


def test_too_many_pages(tmp_path):
    canvas = Canvas(str(tmp_path / "r.pdf"))
    for _ in range(301):
        canvas.showPage()
    canvas.save()
    assert refusal(tmp_path / "r.pdf").code == "import.pages"


def bomb() -> bytes:
    """A page whose content unpacks to 4 GB: two layers of deflate, repeated without building it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(b" " * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(b" " * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    stream = zlib.compress(b"\x78\xda" + block + again * 4000 + b"\x03\x00" + b"\x00" * 4, 9)
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 500 500] /Contents 4 0 R >>",
        b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>\nstream\n" % len(stream)
        + stream + b"\nendstream",
    ]  # fmt: skip
    out, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + part + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 5\n0000000000 65535 f \n" + table + (
        b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % len(out))  # fmt: skip


def test_a_bomb_bursts_in_its_own_process(tmp_path):
    (tmp_path / "r.pdf").write_bytes(data := bomb())
    assert len(data) < 200_000
    error = refusal(tmp_path / "r.pdf")
    assert error.code == "import.memory" and error.where == "r.pdf, page 1"


def test_a_page_of_endless_tags_is_ended_in_time(tmp_path):
    """The parser of the standard library looks at the rest of the page for each open tag."""
    (tmp_path / "r.html").write_text("<html>" + "<a " * 300_000)
    assert refusal(tmp_path / "r.html").code == "import.time"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04\x14\x00\x00\x00", "a ZIP or a workbook"),
        (b"PK\x03\x04 whose bytes happen to be text", "a ZIP or a workbook"),
        (b"\x89PNG\r\n\x1a\n\x00\xff\xfe", "neither a PDF nor text"),
        (b"a bill\n2026-01-01,5", "no credit report"),
        (b'{"PRH": 1', "not whole JSON"),
        (b'{"PRH": {}}', "报告编号"),
        (b"<?xml version='1.0'?><PRH>", "not whole XML"),
        (b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><PRH/>", "DOCTYPE"),
        (b"<?xml version='1.0'?>" + b"<a>" * 100 + b"</a>" * 100, "nested"),
        (b"[" * 100_000, "no credit report"),
        (b'{"a":' * 100_000, "not whole JSON"),
    ],
)
def test_other_files(tmp_path, data, words):
    (tmp_path / "f").write_bytes(data)
    error = refusal(tmp_path / "f")
    assert words in error.what and error.where.startswith("f")


def test_a_file_that_is_missing_or_huge(tmp_path):
    assert "cannot be read" in refusal(tmp_path / "none").what
    with (tmp_path / "huge").open("wb") as huge:
        huge.truncate(21_000_000)
    assert "21,000,000 bytes" in refusal(tmp_path / "huge").what


def test_a_first_generation_report_says_so(tmp_path):
    old = simple_text(story("2")).replace("报告编号", "查询时间：2018.05.01 报告编号", 1)
    error = refusal(saved(tmp_path, old))
    assert error.code == "import.first_generation" and error.where == "r.txt, page 1, line 2"


def test_two_reports_in_one_file(tmp_path):
    first, second = simple_text(story("1")), simple_text(story("2"))
    error = refusal(saved(tmp_path, first + "\n" + second))
    assert error.code == "import.two_reports"
    assert error.where.endswith(f"line {first.count(chr(10)) + 3}")


def test_a_report_that_is_cut_off(tmp_path):
    text = simple_text(story("2"))
    error = refusal(saved(tmp_path, text[: text.index("查询记录")]))
    assert error.code == "import.cut_off" and "line" in error.where
    error = refusal(saved(tmp_path, text + "\n第 3 页，共 5 页"))
    assert error.code == "import.cut_off" and "page 3 of 5" in error.what


def test_a_report_from_the_future(tmp_path):
    path = written(tmp_path, story("1"), "simple", "text")
    at = SHANGHAI.midnight(day("2026-09-10"))
    assert read(path, received_at=at)[0].report_day == day("2026-09-10")
    assert refusal(path, received_at=at - 2 * DAY).code == "import.future"


def test_a_day_after_the_report_itself(tmp_path):
    path = saved(tmp_path, simple_text(story("2")).replace("2026年6月25日", "2026年8月25日"))
    error = refusal(path)
    assert "inquiries" in error.what and "2026-07-01" in error.what


# ---- whose --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("holder", "mismatch"),
    [
        (Holder("测试甲"), False),
        (Holder("测试乙"), True),
        (Holder("测试甲", "990000199001010011"), False),
        (Holder("测试甲", "990000199001010029"), True),
        (Holder(id_number="990000188801010011"), False),  # what is masked is not compared
    ],
)
def test_another_persons_report_is_flagged_and_taken(tmp_path, holder, mismatch):
    path = written(tmp_path, story("1"), "simple", "text")
    found, report = read(path, holder=holder)
    assert found.identity_mismatch is mismatch
    assert any("expected person" in note for note in report.notes) is mismatch


@pytest.mark.parametrize(("form", "layout"), LAYOUTS)
def test_nothing_personal_leaves_the_reader(tmp_path, form, layout):
    sample = next(
        one for one in map(made_up, range(300))
        if one.report.guarantee_list and one.report.annotations and one.report.fraud_alert
    )  # fmt: skip
    (event,), report = read_pboc(
        written(tmp_path, sample, form, layout), borrower="b", zone=SHANGHAI, key=None,
        holder=Holder("somebody else"),
    )  # fmt: skip
    said = write_event(event).decode() + repr(report)
    person = sample.person
    for secret in (person.name, person.id_number, person.phone, person.address, "虚构戊",
                   sample.number, "19900000000", "somebody"):  # fmt: skip
        assert secret not in said, secret


def test_lenders_are_hashed_by_the_key_and_remarks_dropped(tmp_path):
    sample = next(one for one in map(made_up, range(99)) if one.report.annotations)
    path = written(tmp_path, sample, "detailed", "html")
    first, _ = read(path, key=b"k")
    other, _ = read(path, key=b"l")
    assert all(len(one.lender) == 16 for one in (*first.accounts, *first.inquiries))
    assert first.accounts[0].lender != other.accounts[0].lender
    assert [one.text for one in first.annotations] == [""] * len(sample.report.annotations)
    assert read(path, key=b"k")[0] == first


def test_an_institutions_remark_is_scrubbed(tmp_path):
    sample = story("1")
    text = f"客户{sample.person.name}电话19912345678提出异议"
    remark = {"PD01ZH": [{"PD01ZQ01": text, "PD01ZR01": "2026-09-01"}]}
    tree = json.loads(write_report(sample, "institutional", "json"))
    tree["PDA"]["PD01"][0]["PD01Z"] = remark
    path = saved(tmp_path, json.dumps(tree), "r.json")
    found, _ = read(path)
    (note,) = found.annotations
    assert (note.kind, note.text, note.day) == (
        "dispute",
        "客户本人电话*提出异议",
        day("2026-09-01"),
    )
    assert found.accounts[0].disputed and note.account == found.accounts[0].account


def test_the_same_report_is_the_same_event(tmp_path):
    ids = {
        read_pboc(written(tmp_path, story("1"), form, layout), borrower="b", zone=SHANGHAI)[0][0].id
        for form, layout in (("simple", "text"), ("detailed", "html"), ("institutional", "xml"))
    }
    assert len(ids) == 1


# ---- what is said of it -------------------------------------------------------------------------


def test_every_part_is_told_with_its_place(tmp_path):
    path = written(tmp_path, story("1"), "detailed", "ruled")
    found, report = read(path)
    assert report.understood == len(report.parts) == len(found.accounts) + len(found.inquiries)
    assert all(part.page >= 1 and part.line >= 1 for part in report.parts)
    assert {part.page for part in report.parts} == {1, 2, 3}


def test_an_unknown_word_leaves_its_account_out_and_says_where(tmp_path):
    text = detailed_text(story("1")).replace("正常\t正常\t9,600", "担保物不足\t正常\t9,600")
    found, report = read(saved(tmp_path, text))
    assert (found.unread, len(found.accounts)) == (1, 4)
    (left_out,) = report.skipped
    assert left_out.reason == "account: 账户状态 担保物不足 is not known here"
    assert text.split("\n")[left_out.line - 1].startswith("担保物不足")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("20,000\t36", "二万\t36"), ("\t9,600\t12", "\t--\t12"), ("2025.11.10", "2025.13.10"),
        ("样例小额贷款有限公司\tID", "--\tID"), ("2026\tN", "2026\t?"), ("\t1,285\t2", "\t1285.55\t2"),
    ],
)  # fmt: skip
def test_a_damaged_field_leaves_its_account_out(tmp_path, old, new):
    text = detailed_text(story("1"))
    assert old in text
    found, report = read(saved(tmp_path, text.replace(old, new, 1)))
    assert found.unread == len(report.skipped) == 1


def test_a_line_of_other_labels_is_not_added_to_a_loan(tmp_path):
    """The labels of a card over the signs of a loan's months, as where lines were swapped."""
    text = detailed_text(story("1"))
    (head,) = {one for one in text.split("\n") if one.startswith("账户状态") and "专项" in one}
    title = next(one for one in text.split("\n") if one.endswith("的还款记录"))
    whole, _ = read(saved(tmp_path, text))
    for status, unread in (("2024", 1), ("正常", 0)):
        row = "\t".join([status, "9", "9", "3", *"NNN"][: len(head.split("\t"))])
        found, report = read(saved(tmp_path, text.replace(title, f"{head}\n{row}\n{title}", 1)))
        assert found.unread == len(report.skipped) == unread
        assert {one.balance for one in found.accounts} <= {one.balance for one in whole.accounts}


def test_a_doubled_line_makes_no_amount_of_two(tmp_path):
    text = detailed_text(story("1"))
    line = next(one for one in text.split("\n") if one.startswith("正常\t正常\t9,600"))
    small = line.replace("9,600", "678")
    once, _ = read(saved(tmp_path, text.replace(line, small)))
    assert 67_800 in {one.balance for one in once.accounts}
    twice, report = read(saved(tmp_path, text.replace(line, f"{small}\n{small}")))
    assert {one.balance for one in twice.accounts} < {one.balance for one in once.accounts}
    assert twice.unread == len(report.skipped) == 1


@pytest.mark.parametrize(("old", "new", "unread"), [("18,000", "18 ,000", 1), ("18,000", "1 8,000", 1),
                                                     ("18,000", "18,000 ", 0), ("年", " 年 ", 0)])  # fmt: skip
def test_a_number_with_a_hole_is_not_another_number(tmp_path, old, new, unread):
    text = simple_text(story("1"))
    card = next(line for line in text.split("\n") if "发放的贷记卡" in line)
    found, report = read(saved(tmp_path, text.replace(card, card.replace(old, new))))
    assert found.unread == unread
    assert (1_800_000 in {one.balance for one in found.accounts}) is (not unread)
    assert all("two parts" in one.reason for one in report.skipped)


def test_the_summary_is_held_against_the_details(tmp_path):
    text = detailed_text(story("1"))
    total = "34,035"  # 20,000 + 9,600 + 1,285 + 3,150
    assert total in text
    for said, noted in (("34,039", False), ("34,031", False), ("34,040", True), ("43,035", True)):
        _, report = read(saved(tmp_path, text.replace(total, said, 1)))
        assert any("add up to 34,035" in note for note in report.notes) is noted, said
    head = "未结清/未销户账户数"
    line = next(line for line in simple_text(story("1")).split("\n") if line.startswith(head))
    _, report = read(saved(tmp_path, simple_text(story("1")).replace(line, f"{head}   1   9")))
    assert any("the summary says 10, the details show 5" in note for note in report.notes)


def test_a_cards_currencies_share_one_limit(tmp_path):
    report = simple_text(story("1"))
    card = next(line for line in report.split("\n") if "发放的贷记卡" in line)
    twin = card.replace("1.", "2.", 1).replace("人民币账户", "美元账户").replace("18,000", "500")
    found, account = read(saved(tmp_path, report.replace(card, f"{card}\n{twin}")))
    cards = [one for one in found.accounts if one.kind == "R2"]
    assert [(one.limit, one.balance) for one in cards] == [(3_000_000, 1_800_000), (None, 50_000)]
    assert any("shares its limit" in note for note in account.notes)


def test_instalments_that_are_not_billed_are_owed(tmp_path):
    tree = json.loads(write_report(story("1"), "institutional", "json"))
    tree["PDA"]["PD01"][4]["PD01C"]["PD01CJ03"] = "700"
    found, _ = read(saved(tmp_path, json.dumps(tree), "r.json"))
    assert found.accounts[4].balance == 1_870_000


def test_two_grids_that_differ_are_not_chosen_between(tmp_path):
    tree = json.loads(write_report(story("1"), "institutional", "json"))
    tree["PDA"]["PD01"][0]["PD01E"]["PD01EH"][0]["PD01ED01"] = "3"
    found, report = read(saved(tmp_path, json.dumps(tree), "r.json"))
    assert found.unread == 1 and "two signs for 2026-08" in report.skipped[0].reason


def test_no_record_is_no_bad_record(tmp_path):
    sample = story("1")
    empty = also(sample, report=replace(sample.report, accounts=(), inquiries=(), has_record=False))
    found, report = read(written(tmp_path, empty, "simple", "html"))
    assert not found.has_record and found.unread == 0
    assert any("not a bad one" in note for note in report.notes)


def test_full_width_digits_and_look_alike_signs(tmp_path):
    text = simple_text(story("1")).translate(str.maketrans("0123456789,", "０１２３４５６７８９，"))
    found, _ = read(saved(tmp_path, text.replace("日", "⽇")))
    assert plain(found) == truth(story("1"), "simple")


def test_gb18030_text(tmp_path):
    path = tmp_path / "r.txt"
    path.write_bytes(simple_text(story("2")).encode("gb18030"))
    assert plain(read(path)[0]) == truth(story("2"), "simple")


def test_a_page_with_scripts_is_only_read(tmp_path):
    page = write_report(story("1"), "simple", "html").decode()
    wrong = "<script>document.write('余额999,999,999')</script><style>p{}</style>"
    path = saved(
        tmp_path, page.replace("</body>", wrong + "</body>").replace("<td>", "<td onclick='x()'>")
    )
    assert plain(read(path)[0]) == truth(story("1"), "simple")


def test_an_image_of_the_report_is_no_text(tmp_path):
    out = io.BytesIO()
    Image.new("L", (4, 4)).save(out, "PNG")
    (tmp_path / "photo.png").write_bytes(out.getvalue())
    assert "neither a PDF nor text" in refusal(tmp_path / "photo.png").what
