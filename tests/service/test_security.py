"""What docs/reference/security.md says and no other test holds: headers, cookies, logs, the shelf."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from tests.api_world import ApiWorld, Client, told
from tests.decision_policy import files
from tests.service.test_api_input import Written
from xindeng.access import keys, staff
from xindeng.api.app import create
from xindeng.api.routes import ROUTES
from xindeng.service.engine import Engine
from xindeng.store import Store, callers, open_store
from xindeng.web.app import Pages
from xindeng.web.settings import Site
from xindeng.web.table import PAGES

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src/xindeng"
HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def world(store: Store, tmp_path_factory: pytest.TempPathFactory) -> ApiWorld:
    made = ApiWorld(store, tmp_path_factory.mktemp("keys"))
    made.settle("ann")
    return made


@pytest.fixture(scope="module")
def site(world: ApiWorld) -> Iterator[TestClient[Any]]:
    application = create(world.service, ROUTES, beside=Pages(Site(secure=True)))
    with TestClient(application, base_url="https://line.example") as found:
        found.follow_redirects = False
        yield found


def test_every_answer_bears_its_headers(world: ApiWorld, site: TestClient[Any]) -> None:
    bearer = world.bearer("service")
    answers = [
        site.get("/v1/borrowers/ann/line", headers=bearer),
        site.get("/v1/borrowers/ann/line"),
        site.get("/v1/nothing", headers=bearer),
        site.put("/v1/borrowers/ann/line", headers=bearer),
        site.get("/healthz"),
        site.get("/", headers=HTML),
        site.get("/nothing", headers=HTML),
    ]
    assert [one.status_code for one in answers] == [200, 401, 404, 405, 200, 200, 404]
    for one in answers:
        found = one.headers
        assert found["x-content-type-options"] == "nosniff", one.url
        assert found["cache-control"] == "no-store", one.url
        assert "frame-ancestors 'none'" in found["content-security-policy"], one.url
        strict = re.fullmatch(
            r"max-age=(\d+); includeSubDomains", found["strict-transport-security"]
        )
        assert strict is not None and int(strict[1]) >= 31_536_000
        assert found["content-type"].partition(";")[0] in (
            "application/json", "application/problem+json", "text/html",
        )  # fmt: skip


def test_a_watch_may_ask_for_the_head_of_the_site(site: TestClient[Any]) -> None:
    for page in PAGES:
        if page.method == "GET" and page.room == "site" and "{" not in page.path:
            whole = site.get(page.path, headers=HTML)
            head = site.head(page.path, headers=HTML)
            assert (head.status_code, head.content) == (whole.status_code, b""), page.path
    assert site.head("/me", headers=HTML).status_code == 405


def test_the_cookie_of_a_session_is_kept_close(world: ApiWorld, site: TestClient[Any]) -> None:
    token = world.token("ann", exp=world.now // 1_000_000 + 600)
    came = site.post("/arrive", data={"token": token}, headers=HTML)
    cookies = came.headers.get_list("set-cookie")
    assert any(one.startswith("__Host-xindeng=") for one in cookies), cookies
    for one in cookies:
        parts = {part.strip().lower() for part in one.split(";")[1:]}
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts
        assert not any(part.startswith("domain") for part in parts)
        assert len(one) < 4_096
    site.cookies.clear()


def test_no_other_origin_is_let_in(world: ApiWorld, site: TestClient[Any]) -> None:
    stranger = {"Origin": "https://evil.example", **world.bearer("service")}
    asked = {**stranger, "Access-Control-Request-Method": "POST"}
    answers = [
        site.get("/v1/borrowers/ann/line", headers=stranger),
        site.options("/v1/borrowers/ann/draws", headers=asked),
        site.get("/", headers={**stranger, **HTML}),
    ]
    assert answers[1].status_code in (204, 404, 405)
    for one in answers:
        assert not [name for name in one.headers if name.startswith("access-control")]
    simple = {**stranger, "Content-Type": "text/plain", "Idempotency-Key": "x"}
    sent = site.post("/v1/borrowers/ann/draws", content=b'{"amount":100000}', headers=simple)
    assert sent.status_code == 415


def test_what_changes_something_is_never_a_get() -> None:
    reading = re.compile(r".*\.(read|queue|look)$|explanation\..*")
    odd = {one.name for one in ROUTES if one.method == "GET" and not reading.fullmatch(one.action)}
    # That a cost sheet was shown is noted, for a draw is confirmed only after it was read.
    assert odd == {"GET /v1/borrowers/{borrower}/decisions/{decision}/cost-sheet"}
    gets = {one.path for one in PAGES if one.method == "GET" and one.form is not None}
    assert gets == set()


def test_downloads_bear_names_of_ours(world: ApiWorld, site: TestClient[Any]) -> None:
    token = world.token("ann", exp=world.now // 1_000_000 + 600)
    site.post("/arrive", data={"token": token}, headers=HTML)
    got = site.get("/me/data/export?name=../../x", headers=HTML)
    site.cookies.clear()
    assert got.status_code == 200
    assert got.headers["content-disposition"] == "attachment; filename*=UTF-8''xindeng-my-data.zip"
    assert got.headers["content-type"].startswith("application/zip")


def test_the_password_field_hides_and_lets_paste(site: TestClient[Any]) -> None:
    page = site.get("/staff/sign-in", headers=HTML).text
    (field,) = re.findall(r"<input[^>]*name=\"password\"[^>]*>", page)
    assert 'type="password"' in field and 'autocomplete="current-password"' in field
    assert "onpaste" not in page


def test_nobody_is_there_to_begin_with(tmp_path: Path, database_url: str) -> None:
    with open_store(tmp_path, database_url) as empty:
        engine = Engine(empty, files())
        before = {one.name for one in staff.everybody(engine)} - {
            "support", "analyst", "approver", "admin",
        }  # fmt: skip
        assert before == set()
        assert all(one.name == "core" for one in keys.listed(engine))
    source = (SOURCE / "store/migrations/versions").glob("*.py")
    for path in source:
        assert not re.search(r"INSERT INTO (staff|api_key)", path.read_text(encoding="utf-8"))


def test_passwords_are_kept_by_argon2(world: ApiWorld) -> None:
    with world.store.snapshot() as conn:
        kept = [one.password for one in callers.everybody(conn)]
    assert kept and all(one.startswith("$argon2id$") for one in kept)
    memory = re.search(r"m=(\d+),t=(\d+),p=(\d+)", kept[0])
    assert memory is not None and int(memory[1]) >= 19_456  # KiB


def python() -> Iterator[tuple[Path, str]]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield path, path.read_text(encoding="utf-8")


def test_the_inventory_of_cryptography_is_whole() -> None:
    page = (ROOT / "docs/reference/security.md").read_text(encoding="utf-8")
    hashes, ciphers, strange = set(), set(), []
    for path, text in python():
        hashes |= set(re.findall(r"hashlib\.(\w+)", text))
        ciphers |= set(re.findall(r"hazmat\.primitives\.ciphers[\w.]* import (\w+)", text))
        if re.search(r"\b(md5|sha1|DES|RC4|ECB|PKCS1v15|random\.random\(\)\.hex)\b", text):
            strange.append(path.name)
    assert hashes == {"sha256", "blake2b"} and ciphers == {"AESGCM"} and strange == []
    for name in ("AES-256-GCM", "SHA-256", "HMAC-SHA-256", "BLAKE2b", "argon2id", "RS256", "ES256"):
        assert name in page, name


def test_nothing_is_served_but_the_tables(site: TestClient[Any]) -> None:
    for path in ("/.git/config", "/.env", "/assets/", "/static/", "/v1/", "/docs", "/schema",
                 "/assets/../app.py", "/assets/..%2f..%2fapp.py"):  # fmt: skip
        assert site.get(path).status_code == 404, path
    assert site.request("TRACE", "/healthz").status_code in (404, 405)
    assert "server" not in site.get("/healthz").headers


def test_no_script_stores_anything() -> None:
    scripts = sorted(SOURCE.rglob("*.js"))
    words = re.compile(
        r"localStorage|sessionStorage|indexedDB|document\.cookie|__proto__|innerHTML|outerHTML"
        r"|insertAdjacentHTML|document\.write|\beval\(|new Function|postMessage"
    )
    for path in scripts:
        # The one cookie a script sets holds the visitor's time zone.
        told_ = [
            w for w in words.findall(path.read_text(encoding="utf-8")) if w != "document.cookie"
        ]
        assert told_ == [], path.name
    set_ = [one for path in scripts for one in re.findall(
        r"document\.cookie = `([\w-]+)=", path.read_text(encoding="utf-8"))]  # fmt: skip
    assert set_ in ([], ["xindeng-zone"])
    assert words.search("localStorage.setItem")  # the words are looked for


def test_a_parameter_twice_is_no_way_around(world: ApiWorld, client: Client) -> None:
    sent = {"amount": 300_000, "term_months": 12}
    made = told(client.post("/v1/borrowers/ann/draws", sent, key="twice"), 201)
    path = f"/v1/borrowers/ann/decisions/{made['id']}/explanation"
    for query in ("audience=borrower&audience=auditor", "audience=auditor&audience=borrower"):
        got = told(client.get(f"{path}?{query}", role="borrower", borrower="ann"), 400)
        assert (got["code"], got["where"]) == ("request.doubled", "query")


def test_libraries_are_pinned_with_their_digests() -> None:
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        text = path.read_text(encoding="utf-8").replace("\\\n", " ")
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
        assert lines
        for line in lines:
            assert "==" in line and "--hash=sha256:" in line, f"{path.name}: {line[:60]}"


def test_failed_sign_ins_and_refusals_are_logged(world: ApiWorld, client: Client) -> None:
    written, root = Written(), logging.getLogger()
    level = root.level
    root.addHandler(written)
    root.setLevel(logging.INFO)
    try:
        told(client.post("/v1/sessions", {"name": "support", "password": "no"}, role=""), 401)
        told(client.get("/v1/agents", role="support"), 403)
        told(client.get("/v1/borrowers/ann/line", role="borrower", borrower="bob"), 404)
        told(client.post("/v1/borrowers/ann/draws", {"amount": -1}, key="bad"), 422)
    finally:
        root.removeHandler(written)
        root.setLevel(level)
    lines = [one for one in map(json.loads, written.lines) if one.get("event") == "request"]
    assert [one["status"] for one in lines] == [401, 403, 404, 422]
    for one in lines:
        assert (
            one["at"].endswith("+00:00")
            and one["request"]
            and one["route"].startswith(("POST", "GET"))
        )
        assert one["code"]
    assert [one["caller"] for one in lines] == [None, "staff", "borrower", "service"]
