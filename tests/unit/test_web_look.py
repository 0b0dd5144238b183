"""Words and figures as a visitor wants them; addresses and keys that are none of ours."""

from __future__ import annotations

import pytest
from babel.numbers import parse_decimal

from xindeng.kernel.time import zone
from xindeng.web.guard import form_token, key_of, local_path
from xindeng.web.look import Look, look_of, wanted
from xindeng.web.render import environment

HOME = zone("Asia/Shanghai")
ZH, EN = Look("zh", HOME), Look("en", HOME)


@pytest.mark.parametrize(
    ("minor", "told"),
    [(0, "¥0"), (1, "¥0.01"), (800_000, "¥8,000"), (123_456_789, "¥1,234,567.89"),
     (-5_050, "−¥50.50"), (None, "—")],
)  # fmt: skip
def test_money_shows_a_fen_only_where_there_is_one(minor, told):
    assert ZH.money(minor) == EN.money(minor) == told
    if minor is not None and minor >= 0:
        assert parse_decimal(told[1:], locale="en") * 100 == minor


def test_days_and_instants():
    at = HOME.parse("2026-07-01 09:30")
    assert ZH.moment(at) == EN.moment(at) == "2026-07-01 09:30"
    assert ZH.day("2026-07-01") == EN.day(HOME.day(at)) == "2026-07-01"
    assert ZH.moment(HOME.parse("2026-07-01")) == "2026-07-01"  # midnight is a day
    away = look_of({"xindeng-zone": "America/New_York", "xindeng-lang": "en"}, "", HOME)
    assert away.moment(at) == "2026-06-30 21:30 (America/New_York)"
    assert ZH.moment(2**62) == "—"


def test_a_zone_with_signs_of_its_own_is_read():
    for sent, name in (("Etc%2FGMT%2B5", "Etc/GMT+5"), ("America%2FArgentina%2FSalta",
                                                          "America/Argentina/Salta")):  # fmt: skip
        assert look_of({"xindeng-zone": sent}, "", HOME).zone.name == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "../etc/passwd",
        "%2e%2e%2fetc",
        "%",
        "%ff%fe",
        "%00",
        "Nowhere/Land",
        "x" * 100,
        "\x00",
        ".",
    ],
)
def test_a_zone_that_is_none_is_passed_over(name):
    assert look_of({"xindeng-zone": name}, "", HOME).zone is HOME


@pytest.mark.parametrize(
    ("accepts", "lang"),
    [("", "zh"), ("en", "en"), ("zh,en", "zh"), ("en;q=0.1,zh;q=0.2", "zh"), ("de,en-US;q=0.4", "en"),
     ("en;q=nan", "zh"), ("en;q=x," * 5_000 + "en;q=0", "zh"), ("*", "zh"),
     ("zh;q=0.3, en; q=0.9", "en"), ("zh;q=0.3,en ; Q = 0.9", "en"), ("EN-us", "en"),
     ("en_GB", "en"), ("en;q=0,fr", "zh"), ("zh;q=0.5,en;q=7", "zh"), ("zh;q=0.5,en;q=-1", "zh"),
     ("zh;q=0.5,en;q=inf", "zh"), ("zh;q=0.5,en;q=1e0", "zh"), ("cmn-Hans-CN,en;q=0.9", "zh"),
     ("en;q=0.5,yue", "zh"), (";;;,=,q=1;en", "zh"), ("en;level=1;q=0.4,zh;q=0.2", "en"),
     ("english", "zh"), ("\x00en", "zh"), ("en" + "-x" * 4_000, "en")],
)  # fmt: skip
def test_the_language_most_wanted(accepts, lang):
    assert wanted(accepts) == lang


@pytest.mark.parametrize(
    ("text", "fits"),
    [("/me", True), ("/me?a=1#b", True), ("//evil.example", False), ("/\\evil.example", False),
     ("https://evil.example", False), ("me", False), ("/a\nb", False), ("/" + "a" * 600, False),
     ("", False)],
)  # fmt: skip
def test_only_paths_of_ours_are_gone_to(text, fits):
    assert local_path(text, "/home") == (text if fits else "/home")


def test_a_forms_proof_is_of_one_holder_and_a_key_is_of_one_shape():
    assert form_token("a") != form_token("b") and len(form_token("a")) == 40
    assert key_of("p-01a199fc-715e-788a") and not key_of("x' OR 1=1") and not key_of("short")


def test_templates_escape_and_leave_nothing_undefined():
    made = environment("zh")
    assert made.from_string("{{ x }}").render(x="<b>") == "&lt;b&gt;"
    with pytest.raises(Exception, match="undefined"):
        made.from_string("{{ nobody }}").render()
    assert made.from_string("{{ _('Home') }}").render() == "首页"
