"""Spark as an engine of history: the same language, features and answers as DuckDB and the kernel.

One session for the whole file, for starting one takes seconds; what can be asked at once is, for
every query has a price of its own. Without a Java runtime all of this is skipped and says so.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from tests.contract import test_features_backends as contract
from tests.property import language_machine as machine
from tests.property.features_reference import agrees
from tests.property.test_features_kernel import BOOK, CASES, histories
from xindeng.cli.app import app
from xindeng.features import FeatureBook, Kernel
from xindeng.features.layout import plan
from xindeng.features.offline import BackendGap
from xindeng.history import asked, facts
from xindeng.history.backtest import Spec, backtest
from xindeng.history.spark import engine as engine_module
from xindeng.history.spark import session as session_module
from xindeng.history.spark import tables as spark_tables
from xindeng.history.static import judging
from xindeng.kernel.errors import InputError, UnavailableError
from xindeng.kernel.time import zone
from xindeng.lab.economy import economy
from xindeng.language import DUCKDB, SPARK, Dialect, parse
from xindeng.language import sql as sql_module
from xindeng.policy.bundle import load
from xindeng.policy.policy import Policy
from xindeng.service.policies import load_policy, read_bundle


def test_nothing_listens_beyond_this_machine(session):
    conf = session.sparkContext.getConf()
    assert conf.get("spark.driver.host") == conf.get("spark.driver.bindAddress") == "127.0.0.1"
    assert session.sparkContext.uiWebUrl is None


# The language


LONG_IN = f"IN ({', '.join(f'{n}.5' for n in range(12))}, 0.0)"
DIRECTED = [
    parse(text, machine.COLUMNS, machine.PARAMETERS)
    for text in ("0.1 + 0.2 = 0.3", "ROUND(h)", "ROUND(wide)", "LEAST(a, money)", "h * x", f"x {LONG_IN}",
                 f"-share {LONG_IN}", "CASE WHEN lambda = 'x' THEN 'in' ELSE lambda END", "a / def", "ABS(x) + x")
]  # fmt: skip


@pytest.mark.parametrize("seed", range(2))
def test_python_and_spark_agree_on_every_bit(in_spark, seed):
    expressions = [*DIRECTED, *machine.checked(seed + 40, 140)]
    found = machine.differences(
        expressions, machine.rows(seed, 100), machine.PARAMETER_ROWS[seed], 75, in_spark
    )
    assert not found, found[:5]


def _bare(value, kind, dialect=None):
    return "NULL" if value is None else repr(value)


PLANTED = {
    "skips NULLs in LEAST": (
        sql_module._Sql, "_extreme", lambda sql, node: f"LEAST({', '.join(map(sql.write, node.items))})"
    ),
    "divides by zero": (
        sql_module._Sql, "_divide", lambda sql, node: f"({sql.write(node.left)} / {sql.write(node.right)})"
    ),
    "rounds by adding a half": (
        sql_module._Sql, "_round", lambda sql, node: f"CAST(FLOOR({sql.write(node.item)} + CAST('0.5' AS DOUBLE)) AS BIGINT)"
    ),
    "keeps infinities and NaN": (sql_module, "_finite", lambda text: text),
    "keeps -0.0, also in a long IN": (sql_module, "_one_zero", lambda text: text),
    "types bare literals itself": (sql_module, "constant", _bare),
    "reads a backslash as an escape": (Dialect, "text", lambda dialect, value: f"'{value}'"),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_difference_is_caught(in_spark, monkeypatch, name):
    from pyspark.errors import PySparkException

    owner, attribute, planted = PLANTED[name]
    monkeypatch.setattr(owner, attribute, planted)
    parameters = (2, 0.5, None, "o\\ut")
    word = parse("lambda = $word", machine.COLUMNS, machine.PARAMETERS)
    try:
        found = machine.differences(
            [*DIRECTED, word], machine.rows(1, 80), parameters, 25, in_spark
        )
    except PySparkException:
        return  # an error instead of a value is no less noticed
    assert found, f"Spark {name}, unnoticed"


# Features


def part(*names: str) -> FeatureBook:
    """Some features of the contract suite's book."""
    base = [feature for feature in BOOK.base if feature.name in names]
    return FeatureBook(tuple(base), (), {f.name: f.column for f in base}, plan(base))


def wrong(by_spark, book, cases):
    found = iter(by_spark(book, cases))
    return [
        f"{look} {name}: {value!r}, expected {wanted!r}"
        for place, events, looks in cases
        for look in looks
        for name, value in zip(book.columns, next(found), strict=True)
        if not agrees(value, wanted := contract.wanted_of(CASES[name], place, events, look))
    ]


def random_cases(count: int):
    """Histories as the contract suite makes them, in any order of arrival."""
    made = []

    @settings(max_examples=count, deadline=None, database=None, derandomize=True,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(histories(), st.randoms(use_true_random=False), st.booleans())
    def collect(history, chance, ordered):
        name, now, events = history
        events.sort(key=lambda event: event.occurred_at)
        if not ordered:
            chance.shuffle(events)
        arrived = contract.arrive(events)
        made.append((zone(name), arrived, contract.looks_at(arrived, now)))

    collect()
    return made


SITUATIONS = [(contract.SHANGHAI, *one) for one in contract.SITUATIONS.values()]


def test_every_situation_and_any_history(by_spark):
    cases = [*SITUATIONS, *random_cases(60)]
    assert sum(len(looks) for _, _, looks in cases) > 150
    assert wrong(by_spark, BOOK, cases) == []


def test_nothing_known_of_anybody(by_spark):
    assert wrong(by_spark, part("count_7d", "last_all"), [SITUATIONS[0]]) == []


MIXED = part("count_all", "count_7d", "sum_36h", "max_12h", "first_24h", "last_7d", "distinct_7d",
             "distinct_all", "share_30d")  # fmt: skip


def test_a_borrower_of_fifty_thousand_events(by_spark):
    events = contract.long_life(50_000, late=True)
    kernel, looks, wanted = Kernel(MIXED, contract.SHANGHAI), [], []
    state = kernel.empty()
    for event in events:
        if event.seq % 2_500 == 1:
            looks.append(("b", event.seq, state.last_known_at))
            wanted.append(kernel.vector(state, state.last_known_at))
        kernel.fold(state, event)
    found = by_spark(MIXED, [(contract.SHANGHAI, events, looks)])
    assert len(found) == 20
    assert [[(type(v), v) for v in row] for row in found] == [
        [(type(v), v) for v in row] for row in wanted
    ]


def test_gaps_are_declared_and_really_raise(by_spark):
    one = contract.SHANGHAI
    bound = contract.gaps_of(contract.HOT)[0].bound
    events = contract.attempts(bound)
    looks = [("b", bound + 1, contract.NOON + bound)]
    assert by_spark(contract.HOT, [(one, events, looks)]) == contract.by_kernel(
        contract.HOT, one, events, looks
    )
    with pytest.raises(BackendGap, match="oldest rows are merged"):
        by_spark(contract.HOT, [(one, contract.attempts(bound + 1), looks)])
    bound = contract.gaps_of(contract.TOPS)[0].bound
    many = contract.story(
        *[(contract.NOON + n, contract.pay(1, f"p{n}")) for n in range(bound + 1)]
    )
    with pytest.raises(BackendGap, match="not counted"):
        by_spark(contract.TOPS, [(one, many, [("b", bound + 2, contract.NOON + bound)])])


FAULTS = {
    "the range join sees its own event": ("count_7d", "e.seq < r.seq", "e.seq <= r.seq"),
    "the newest row is its own": ("last_at", "ORDER BY seq, told", "ORDER BY seq, NOT told"),
    "closed hours": ("sum_36h", "e.occurred_at > r.now", "e.occurred_at >= r.now"),
    "last by arrival": ("last_at", "THEN pos END", "THEN n END"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_faults_are_caught(by_spark, monkeypatch, fault):
    name, old, new = FAULTS[fault]
    honest, changed = spark_tables.book_tables, []

    def faulty(features, **more):
        tables, query = honest(features, **more)
        made = [(table, sql.replace(old, new)) for table, sql in tables]
        changed.append(made != tables)
        return made, query

    monkeypatch.setattr(spark_tables, "book_tables", faulty)
    noon = contract.NOON
    edge = (
        contract.SHANGHAI,
        contract.story((noon - 36 * contract.HOUR, contract.pay(5))),
        [("b", 2, noon)],
    )
    assert wrong(by_spark, part(name), [*SITUATIONS, edge]) and any(changed), (
        f"{fault} went unnoticed"
    )


# Backtests


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    return economy(
        tmp_path_factory.mktemp("eco") / "lake", load_policy("consumer_line"), borrowers=40, seed=11
    )


PRICES = b"".join(
    b"%s: {description: {zh: x, en: x}, unit: bp, convention: simple, low: 0, high: 10000,"
    b" values: {1993-01-01: {value: %d, source: made up}}}\n" % one
    for one in (
        (b"draw_rate_bp", 1460),
        (b"max_annual_rate_bp", 2400),
        (b"max_default_rate_bp", 3600),
    )
)


def bank(most: bytes = b"0.43", more: bytes = b"") -> Policy:
    """The small reference policy with the lake's zone, currency and products, with another ceiling
    on debt, and with more features."""
    files = dict(read_bundle("bank_cashflow"))
    own = files["policy.yaml"].replace(b"CZK", b"CNY").replace(b"Europe/Prague", b"Asia/Shanghai")
    head, tail = files["parameters/lending.yaml"].split(b"instalments_max:", 1)
    tail = re.sub(rb"value: [0-9.]+", b"value: " + most, tail, count=1)
    return load({
        **files, "policy.yaml": own, "features.yaml": files["features.yaml"] + more,
        "parameters/lending.yaml": head + b"instalments_max:" + tail, "parameters/prices.yaml": PRICES,
        "products.yaml": read_bundle("consumer_line")["products.yaml"],
    })  # fmt: skip


SEEN = b"seen_7d: {event: login, op: count, window: 7d}\n"


@pytest.mark.parametrize("mode", ["static", "feedback"])
def test_a_backtest_is_the_same_on_either_engine(session, monkeypatch, tmp_path, lake, mode):
    monkeypatch.setattr(session_module, "connect", lambda *a, **more: session)
    told = []
    spec = Spec(mode=mode, sample=40, threads=1)
    tight = bank(b"0.05", SEEN)
    found = backtest(
        lake, bank(), tight, replace(spec, engine="spark"), work=tmp_path,
        progress=lambda what, done, total: told.append(what),
    )  # fmt: skip
    assert found.pop("engine") == "spark" and told
    wanted = backtest(lake, bank(), tight, spec)
    assert wanted.pop("engine") == "duckdb"
    assert found == wanted
    assert (
        found["swap"]["out"]["count"] > 0 and found["checks"]["computed_again"][0]["values"] > 500
    )
    assert not list(tmp_path.glob("spark-*")), "facts are personal data and stay nowhere"


@pytest.fixture(scope="module")
def reference(session, lake, tmp_path_factory):
    """The reference policy's facts by DuckDB, and an engine of Spark that has loaded the same."""
    policy = load_policy("consumer_line")
    con = facts.connect()
    asked.load(con, lake, 0, 2**62)
    engine = engine_module.Spark(session, con, tmp_path_factory.mktemp("spark"))
    engine.load(lake, [policy])
    asked.load_facts(con, lake, [policy])
    asked.make_facts(con, lake, policy, "facts_a")
    yield policy, con, engine
    con.close()


def test_every_rule_of_the_reference_policy_is_the_same(reference):
    policy, con, engine = reference
    engine._give("FROM facts_a", "facts_a")
    theirs, ours = (
        judging(con, policy, "facts_a", dialect=dialect)[0] for dialect in (SPARK, DUCKDB)
    )
    found, wanted = engine.answers(theirs), con.sql(f"{ours} ORDER BY id").to_arrow_table()
    assert found.column_names == wanted.column_names and found.num_rows > 150
    for name in wanted.column_names:
        assert found[name].to_pylist() == wanted[name].to_pylist(), name


def test_a_hundred_thousand_values_of_the_largest_types_are_equal_to_the_bit(by_spark, population):
    """The same population of which DuckDB gives a million; a borrower's looks are one life."""
    events, rows, wanted = population
    policy = load_policy("consumer_line")
    count = Counter(feature.event for feature in policy.book.base if feature.enabled)
    largest = {event for event, _ in count.most_common(6)}
    base = tuple(f for f in policy.book.base if f.enabled and f.event in largest)
    book = FeatureBook(base, (), {f.name: f.column for f in base}, plan(base))
    places = [list(policy.book.columns).index(name) for name in book.columns]
    looks = [(row["borrower"], row["seq"], row["now"]) for row in rows[::2]]
    assert len(looks) * len(base) >= 100_000
    found = by_spark(book, [(policy.zone, events, looks)])
    told = [[(type(v), v) for v in row] for row in found]
    by_kernel = [[(type(row[at]), row[at]) for at in places] for row in wanted[::2]]
    differing = {
        name for ours, theirs in zip(told, by_kernel, strict=True)
        for name, a, b in zip(book.columns, ours, theirs, strict=True) if a != b
    }  # fmt: skip
    assert differing == set()


# What can be missing


def test_a_challenger_with_the_same_features_costs_nothing(
    session, reference, monkeypatch, tmp_path
):
    book = part("count_7d")
    made = spark_tables.Made(tmp_path, {"payment": [(list(book.base), "made before")]})
    monkeypatch.setattr(spark_tables, "gaps_of", lambda book, dialect: [])
    assert '"made before"' not in spark_tables.make_features(session, book, made)
    assert "made before" in spark_tables.make_features(session, book, made)
    assert not list(tmp_path.iterdir())


def test_files_that_a_worker_kept_to_itself_are_missed(reference):
    _, _, engine = reference
    with pytest.raises(UnavailableError, match="rows that Spark wrote are here") as caught:
        engine.answers("SELECT id FROM requests WHERE id > 1")
    assert caught.value.code == "spark.folder" and "--out" in caught.value.next_step


@pytest.mark.parametrize("what", ["pyspark", "java", "JAVA_HOME", "both"])
def test_what_is_missing_is_said_with_the_next_step(monkeypatch, tmp_path, what):
    master, code, step = None, f"spark.{what}", ""
    monkeypatch.delenv("SPARK_REMOTE", raising=False)
    if what == "pyspark":
        monkeypatch.setitem(sys.modules, "pyspark.sql", None)
        code, step = "spark.missing", "pip install 'xindeng[spark]'"
    elif what == "java":
        monkeypatch.delenv("JAVA_HOME", raising=False)
        monkeypatch.setenv("PATH", str(tmp_path))
        step = "install Java 17"
    elif what == "JAVA_HOME":
        monkeypatch.setenv("JAVA_HOME", str(tmp_path))
        code, step = "spark.java", "install Java 17"
    elif what == "both":
        monkeypatch.setenv("SPARK_REMOTE", "sc://127.0.0.1:1")
        master, step = "local[2]", "leave one of them out"
    with pytest.raises((UnavailableError, InputError)) as caught:
        session_module.connect(master)
    assert caught.value.code == code and step in caught.value.next_step


def test_the_command_says_it_too(monkeypatch, lake):
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    said = CliRunner().invoke(app, ["backtest", "--champion", "consumer_line", "--challenger", "consumer_line",
                                    "--lake", str(lake.folder), "--engine", "spark"])  # fmt: skip
    assert isinstance(said.exception, UnavailableError) and said.exception.code == "spark.missing"
