"""Monthly series from files that the user names, and the stance that the command line tells."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from xindeng.cli.app import app
from xindeng.intake.macro_series import read_series
from xindeng.kernel.errors import InputError
from xindeng.policy.bundle import load
from xindeng.policy.steering.read import month_of
from xindeng.service.policies import read_bundle

SPECS = load(read_bundle("consumer_line")).steering.series
RUNNER = CliRunner()


def table(path: Path, rows: str, head: str = "month,pmi_manufacturing,cpi_yoy") -> Path:
    path.write_text(f"{head}\n{rows}\n", encoding="utf-8")
    return path


@pytest.fixture
def slump(tmp_path: Path) -> Path:
    """Years of calm, a collapse in February 2020, and a recovery."""
    values = {f"2019-{month:02d}": 51.0 for month in range(1, 13)}
    values |= {"2020-01": 51.0, "2020-02": 36.0, "2020-03": 52.0, "2020-04": 52.0}
    rows = "\n".join(f"{month}-01,{value},2.0" for month, value in values.items())
    return table(tmp_path / "economy.csv", rows)


def test_columns_are_found_by_name_in_csv_and_parquet(slump: Path) -> None:
    made = {"month": [f"2020-{month:02d}-01" for month in (1, 2, 3)], "m1_yoy": [0.0, None, 5.0]}
    pq.write_table(pa.table(made), slump.parent / "money.parquet")
    (slump.parent / "notes.txt").write_text("not a table")
    (slump.parent / "bills.csv").write_bytes("月份,金额\n".encode("gb18030"))
    (slump.parent / "half.parquet").write_bytes(b"PAR1")
    table(slump.parent / "cities.csv", "2020-01,Beijing\n2020-01,Shanghai", "month,city")
    found = read_series(slump.parent, SPECS.values())
    assert sorted(found) == ["money", "pmi", "prices"]
    assert len(found["pmi"].all) == 16
    assert [one.month for one in found["money"].all] == [month_of("2020-01"), month_of("2020-03")]


@pytest.mark.parametrize(
    ("rows", "head", "code", "where"),
    [
        ("2020-01,51\n2020-02,many", "month,pmi_manufacturing", "series.value", ":3"),
        ("2020-01,51\n2020/02,51", "month,pmi_manufacturing", "series.value", ":3"),
        ("2020-01,51\n2020-01,52", "month,pmi_manufacturing", "series.twice", "economy.csv"),
        ("2020-01,51,2020-01-20", "month,pmi_manufacturing,published", "series.look_ahead",
         "economy.csv"),
        ("2020-01,51,soon", "month,pmi_manufacturing,published", "series.value", ":2"),
        ("2020-01,51", "month,other", "series.none", "economy.csv"),
        ("2020-01,51", "day,pmi_manufacturing", "series.none", "economy.csv"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(
    tmp_path: Path, rows: str, head: str, code: str, where: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_series(table(tmp_path / "economy.csv", rows, head), SPECS.values())
    assert caught.value.code == code
    assert caught.value.where.endswith(where)
    assert caught.value.next_step
    if code == "series.none":  # whole names, not as many letters as fit
        named = caught.value.next_step.split("such as ")[1].split(" and ")[0].split(", ")
        assert set(named) <= {spec.column for spec in SPECS.values()}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_a_table_may_be_in_the_encoding_of_a_spreadsheet(tmp_path: Path, encoding: str) -> None:
    text = "month,pmi_manufacturing,说明\n2020-01,51,春节\n2020-02,36,疫情\n"
    (tmp_path / "economy.csv").write_bytes(text.encode(encoding))
    (found,) = read_series(tmp_path, SPECS.values()).values()
    assert [one.value for one in found.all] == [51, 36]


def test_two_files_with_one_column_are_not_guessed_between(slump: Path) -> None:
    table(slump.parent / "other.csv", "2020-01,50,1")
    with pytest.raises(InputError, match=r"economy\.csv and other\.csv both") as caught:
        read_series(slump.parent, SPECS.values())
    assert caught.value.code == "series.ambiguous"
    alone = slump.parent / "bills.csv"
    alone.write_bytes(b"month,\xff\n")
    with pytest.raises(InputError, match="cannot be read: neither UTF-8 nor GB18030 text"):
        read_series(alone, SPECS.values())
    with pytest.raises(InputError, match="no such folder"):
        read_series(slump.parent / "none", SPECS.values())


def run(*arguments: str) -> str:
    result = RUNNER.invoke(app, ["policy", "stance", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_command_explains_a_day_in_both_languages_and_as_json(slump: Path) -> None:
    series = ("--series", str(slump))
    english = run(*series, "--on", "2020-03-15", "--explain", "--lang", "en")
    assert "brake, since 2020-03-01, reviewed by 2020-03-29" in english
    assert "2020-02: 36, published 2020-03-01" in english
    assert "paused new draws" in english
    assert "暂停，自 2020-03-01 起" in run(*series, "--on", "2020-03-15", "--lang", "zh")
    # On the last of February nobody knew yet.
    plain = json.loads(run(*series, "--on", "2020-02-29", "--json"))
    assert (plain["stance"], plain["left_out"]) == ("neutral", ["approvals", "late_30", "roll"])


def test_the_command_tells_and_draws_the_path(slump: Path, tmp_path: Path) -> None:
    drawn = tmp_path / "out" / "path.svg"
    span = ("--series", str(slump), "--from", "2020-02-01", "--to", "2020-12-31")
    told = run(*span, "--lang", "en", "--out", str(drawn))
    assert "2020-03-01  neutral → brake  holding: purchasing managers' index, newest month" in told
    svg = drawn.read_text(encoding="utf-8")
    assert svg.startswith("<svg") and "brake: 2020-03-01 – 2020-03-31" in svg
    path = json.loads(run(*span, "--json"))
    assert next((one["day"], one["to"]) for one in path["changes"]) == ("2020-03-01", "brake")
    assert sum(path["days"].values()) == 335
    assert path["end"]["missing_or_stale"]
    assert "published 2020-05-01" in run(*span[:-1], "2020-05-10", "--lang", "en", "--explain")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--explain",), "series.none"),
        (("--on", "2020-02-30"), "stance.day"),
        (("--from", "2020-03-01", "--to", "2020-02-01"), "stance.range"),
        (("--on", "2020-03-01", "--from", "2020-02-01"), "stance.range"),
        (("--on", "2018-01-01"), "series.early"),
        (("--on", "2020-03-01", "--segment", "everybody"), "steering.segment"),
    ],
)
def test_wrong_questions_get_clear_answers(
    slump: Path, arguments: tuple[str, ...], code: str
) -> None:
    series = () if arguments == ("--explain",) else ("--series", str(slump))
    result = RUNNER.invoke(app, ["policy", "stance", *series, *arguments])
    assert isinstance(result.exception, InputError)
    assert result.exception.code == code
