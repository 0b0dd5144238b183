"""Every text of a page has its Chinese, and no Chinese is left over from a text that is gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

WEB = Path(__file__).resolve().parents[2] / "src" / "xindeng" / "web"
WAYS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "say": None, "gettext": None, "ngettext": (1, 2)}
SLOT = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
BARRED = re.compile(r"冻结|修复|预审通过|已证明|▲ 关注|■ 阻断|与您无关|档位")


def texts(root: Path) -> dict[str, str]:
    """English text → the file that it stands in."""
    options = {"templates/**.html": {"extensions": "jinja2.ext.i18n"}}
    found: dict[str, str] = {}
    for name, _, message, _, _ in extract_from_dir(str(root), WAYS, options, KEYWORDS):
        key = message if isinstance(message, str) else message[0]
        if key:
            found.setdefault(key, name)
    return found


def words() -> dict[str, str]:
    """English text → Chinese, of all catalogues; one text has one translation."""
    found: dict[str, str] = {}
    for path in sorted((WEB / "words").glob("*.po")):
        for message in read_po(BytesIO(path.read_bytes()), locale="zh_CN"):
            if not message.id:
                continue
            key = message.id if isinstance(message.id, str) else message.id[0]
            said = message.string if isinstance(message.string, str) else message.string[0]
            assert found.setdefault(key, said) == said, f"two translations of {key!r}"
    return found


def slips(told: dict[str, str], known: dict[str, str]) -> Iterator[str]:
    for text, place in told.items():
        said = known.get(text)
        if not said:
            yield f"{place}: no Chinese for {text!r}"
        elif sorted(SLOT.findall(text)) != sorted(SLOT.findall(said)):
            yield f"other slots in the Chinese of {text!r}"
    yield from (f"nobody says {text!r} any more" for text in known if text not in told)
    yield from (f"a word we do not use in {said!r}" for said in known.values()
                if BARRED.search(said) and "任何人以“解冻费" not in said)  # fmt: skip


def test_every_text_has_its_chinese():
    assert list(slips(texts(WEB), words())) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [("New", None), ("From %(day)s", "从"), ("A pause", "冻结"), (None, "没有人说")],
)
def test_a_slip_is_seen(text, said):
    told = {"Home": "a.html"} | ({text: "b.html"} if text else {})
    known = {"Home": "首页"} | ({text or "Gone": said} if said else {})
    assert len(list(slips(told, known))) == 1


def test_texts_are_found_in_templates_and_in_code(tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.html").write_text(
        '{{ _("One") }}{% trans %}Two{% endtrans %}', encoding="utf-8"
    )
    (tmp_path / "a.py").write_text('visit.say("Three {n}", n=1)', encoding="utf-8")
    assert set(texts(tmp_path)) == {"One", "Two", "Three {n}"}
