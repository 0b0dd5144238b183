"""The embedded server: as root and as anybody, after crashes, and when somebody meddled with it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from tests.homes import new_place
from xindeng.kernel.errors import UnavailableError
from xindeng.store import runtime, server
from xindeng.store.connect import check, open_pool
from xindeng.store.migrate import HEAD, MIGRATIONS, migrate, version
from xindeng.store.server import Cluster, open_server, reset_data

pytestmark = pytest.mark.postgres
ROOT = os.geteuid() == 0


@pytest.fixture
def home() -> Iterator[Path]:
    """An open place of its own: pytest's are closed to the account of root's server."""
    place = new_place("xd-")
    yield place
    reset_data(place)
    shutil.rmtree(place)


def answers(uri: str) -> bool:
    with psycopg.connect(uri) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def running(home: Path) -> bool:
    return Cluster(home)._running()


def test_the_first_starts_it_and_the_last_stops_it(home: Path) -> None:
    with open_server(home) as uri:
        with open_server(home) as again:
            assert again == uri
        assert answers(uri)
        with psycopg.connect(uri) as connection:
            connection.execute("CREATE TABLE kept (n int)")
    assert not running(home)
    with open_server(home) as uri, psycopg.connect(uri) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_its_log_is_soon_made_and_seldom_whole(home: Path) -> None:
    with open_server(home) as uri, psycopg.connect(uri) as conn:
        sizes = dict(conn.execute(
            "SELECT name, setting || coalesce(unit, '') FROM pg_settings"
            " WHERE name IN ('wal_segment_size', 'max_wal_size', 'checkpoint_timeout')"
        ).fetchall())  # fmt: skip
    # A file of 16 MB holds up everybody for 50 ms; the size of one must not make checkpoints more
    # frequent, after which every page is logged whole.
    assert sizes == {
        "wal_segment_size": "1048576B", "max_wal_size": "3072MB", "checkpoint_timeout": "900s"
    }  # fmt: skip


def test_another_process_can_use_it_meanwhile(home: Path) -> None:
    script = (
        "import sys, pathlib, psycopg\nfrom xindeng.store.server import open_server\n"
        "with open_server(pathlib.Path(sys.argv[1])) as uri:\n"
        "    psycopg.connect(uri).close(); print('up', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout and other.stdout.readline() == b"up\n"
        with open_server(home) as uri:
            other.communicate(timeout=30)
            assert other.returncode == 0
            assert answers(uri), "the first to leave must not stop it for the others"
    assert not running(home)


def test_only_our_role_gets_in_and_only_with_its_password(home: Path) -> None:
    with open_server(home) as uri:
        password = uri.split(":")[2].split("@")[0]
        assert len(password) == 64
        for bad in (
            uri.replace(password, "wrong"),
            uri.replace(password, ""),
            uri.replace("//xindeng:", "//bootstrap:"),
            uri.replace("//xindeng:", "//postgres:"),
        ):
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(bad)
        with psycopg.connect(uri) as connection:
            row = connection.execute(
                "SELECT rolsuper, current_setting('listen_addresses'), current_setting('fsync')"
                " FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            assert row == (False, "", "on")
    secret = home / "postgres.secret"
    assert secret.stat().st_mode & 0o777 == 0o600


def killed(home: Path) -> int:
    postmaster = int((Cluster(home).data / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    return postmaster


def test_a_killed_server_is_started_again_with_all_that_was_committed(home: Path) -> None:
    with open_server(home) as uri, open_pool(uri) as pool:
        with pool.connection() as connection:
            connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
        was, deadline = killed(home), time.monotonic() + server.RECOVERY_WAIT_S
        while Cluster(home)._pid() in (was, None) or not accepts(uri):
            assert time.monotonic() < deadline, "nobody started it again"
            time.sleep(0.05)
        # A connection of the old server, idle in the pool, is nobody's trouble.
        with pool.connection() as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1000,)
    assert not running(home)


def accepts(uri: str) -> bool:
    try:
        return answers(uri)
    except psycopg.OperationalError:
        return False


def test_a_killed_server_that_nobody_kept_recovers_at_the_next_start(home: Path) -> None:
    cluster = Cluster(home)
    cluster.ensure_running()
    with psycopg.connect(cluster.uri) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    killed(home)
    assert (cluster.data / "postmaster.pid").exists(), "a stale pid file is left behind"
    with open_server(home) as uri, psycopg.connect(uri) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1000,)


def test_a_server_that_outlived_its_killed_starter_is_taken_over(home: Path) -> None:
    script = (
        "import os, sys, pathlib, signal\nfrom xindeng.store.server import open_server\n"
        "with open_server(pathlib.Path(sys.argv[1])):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(home)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert running(home)
    with open_server(home) as uri:
        assert answers(uri)
    assert not running(home)


def test_a_half_written_directory_is_told_and_not_touched(home: Path) -> None:
    with open_server(home):
        pass
    control = Cluster(home).data / "global" / "pg_control"
    control.rename(control.with_name("gone"))
    with pytest.raises(UnavailableError, match="half-written") as caught, open_server(home):
        pass
    assert "xindeng reset-data --yes" in caught.value.next_step
    assert str(Cluster(home).base) in caught.value.next_step
    control.with_name("gone").rename(control)
    with open_server(home) as uri:
        assert answers(uri)


def test_an_interrupted_creation_starts_over(home: Path) -> None:
    runtime.account().own(home / "postgres")
    scratch = runtime.account().own(home / "postgres" / "data.new")
    (scratch / "PG_VERSION").write_text("18")
    with open_server(home) as uri:
        assert answers(uri)


def test_a_damaged_pid_file_is_told_with_a_way_out(home: Path) -> None:
    with open_server(home):
        pass
    pid_file = Cluster(home).data / "postmaster.pid"
    pid_file.write_text("nonsense\n")
    with pytest.raises(UnavailableError) as caught, open_server(home):
        pass
    assert str(pid_file) in caught.value.next_step
    pid_file.unlink()
    with open_server(home) as uri:
        assert answers(uri)


def test_data_of_another_version_are_refused(home: Path) -> None:
    with open_server(home):
        pass
    (Cluster(home).data / "PG_VERSION").write_text("14\n")
    with pytest.raises(UnavailableError, match="PostgreSQL 14"), open_server(home):
        pass
    (Cluster(home).data / "PG_VERSION").write_text("18\n")


def test_reset_erases_but_not_under_somebody(home: Path) -> None:
    with open_server(home) as uri:
        with psycopg.connect(uri) as connection:
            connection.execute("CREATE TABLE kept (n int)")
        with pytest.raises(UnavailableError, match="in use"):
            reset_data(home)
    reset_data(home)
    assert not Cluster(home).data.exists()
    with open_server(home) as uri, psycopg.connect(uri) as connection:
        assert connection.execute("SELECT to_regclass('kept')").fetchone() == (None,)


def test_a_gate_that_stays_shut_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "RECOVERY_WAIT_S", -5)
    refused = pytest.raises(UnavailableError, match="starting or stopping")
    with server._gate(home), refused, open_server(home):
        pass


def test_a_long_path_gets_a_short_socket(home: Path) -> None:
    deep = home / ("long-" * 20)
    with open_server(deep) as uri:
        assert answers(uri)
        assert Cluster(deep).sockets.stat().st_mode & 0o777 == 0o700
    reset_data(deep)


@pytest.mark.skipif(not ROOT, reason="only root needs another account")
def test_root_s_closed_directories_stay_closed(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = home / "own"
    monkeypatch.setattr(server, "OWN_DIRECTORY", own)
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    with open_server(closed / "inner") as uri:
        assert answers(uri)
        assert (closed / "inner" / "postgres").resolve().is_relative_to(own)
    assert closed.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(Cluster(closed / "inner").base)
    with pytest.raises(UnavailableError, match="is gone"), open_server(closed / "inner"):
        pass
    (closed / "inner" / "postgres").unlink()


@pytest.mark.skipif(not ROOT, reason="only root can place programs for another account")
def test_programs_that_the_account_cannot_reach_are_copied(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "OWN_DIRECTORY", home / "own")
    monkeypatch.setattr(runtime, "reachable", lambda path: False)
    copied = runtime.programs()
    assert copied.is_relative_to(home / "own")
    assert runtime.programs() == copied, "copied once"
    with open_server(home) as uri:
        assert answers(uri)


@pytest.mark.skipif(not ROOT, reason="only root can become somebody else")
def test_an_ordinary_user_runs_it_too(home: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    place = home / "theirs"
    place.mkdir()
    os.chown(place, nobody.pw_uid, nobody.pw_gid)
    child = os.fork()
    if child == 0:  # as nobody; what is needed is imported already
        status = 1
        try:
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
            with open_server(place / "home") as uri:
                status = 0 if answers(uri) else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert (place / "home" / "postgres" / "data").stat().st_uid == nobody.pw_uid
    assert (place / "home").stat().st_mode & 0o777 == 0o700


def test_a_missing_wheel_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UnavailableError, match="not installed"):
        runtime.programs()


def test_an_unusable_home_is_told(home: Path) -> None:
    (home / "file").write_text("")
    with pytest.raises(UnavailableError, match="XINDENG_HOME"), open_server(home / "file" / "x"):
        pass


# --- what is refused of any server -------------------------------------------------------------


@pytest.mark.parametrize("setting", ["synchronous_commit"])
def test_settings_that_lose_decisions_are_refused(server_url: str, setting: str) -> None:
    check(server_url)
    off = f"{server_url}&options={quote(f'-c {setting}=off')}"
    with pytest.raises(UnavailableError, match=f"{setting} is off") as caught:
        check(off)
    assert caught.value.code == "store.durability"


def test_fsync_off_is_refused(home: Path) -> None:
    with open_server(home):
        pass
    with open(Cluster(home).data / "postgresql.auto.conf", "a", encoding="ascii") as conf:
        conf.write("fsync = off\n")
    with open_server(home) as uri, pytest.raises(UnavailableError, match="fsync is off"):
        check(uri)


@pytest.mark.parametrize("password", ["Password", "weak"])
def test_well_known_passwords_are_refused(home: Path, password: str) -> None:
    """The role `weak` with its own name, and one that everybody tries first."""
    cluster = Cluster(home)
    with open_server(home):
        pass
    cluster._run(
        "postgres", "--single", "-D", cluster.data, "postgres",
        text=f"CREATE ROLE weak LOGIN PASSWORD '{password}';\n",
    )  # fmt: skip
    (cluster.data / "pg_hba.conf").write_text("local all all scram-sha-256\n")
    with open_server(home) as uri:
        with pytest.raises(UnavailableError, match="everybody tries") as caught:
            weak = uri.split("@", 1)[1].replace("/xindeng?", "/postgres?")
            check(f"postgresql://weak:{password}@{weak}")
        assert password not in str(caught.value) or password == "weak"


def test_a_server_open_to_anybody_is_refused(home: Path) -> None:
    with open_server(home):
        pass
    cluster = Cluster(home)
    (cluster.data / "pg_hba.conf").write_text(
        "local all all scram-sha-256\nhost all all 127.0.0.1/32 trust\n"
    )
    with open(cluster.data / "postgresql.auto.conf", "a", encoding="ascii") as conf:
        conf.write("port = 54329\n")
    original = Cluster._launch

    def listening(self: Cluster, program: str, *arguments: object, text: str = ""):
        told = [
            str(a).replace("listen_addresses=", "listen_addresses=127.0.0.1") for a in arguments
        ]
        return original(self, program, *told, text=text)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Cluster, "_launch", listening)
        with open_server(home), pytest.raises(UnavailableError, match="without a password"):
            check("postgresql://xindeng@127.0.0.1:54329/xindeng")


@pytest.mark.parametrize(
    "url", ["nonsense", "postgresql://u:hidden@127.0.0.1:1/x", "mysql://u:hidden@h/x"]
)
def test_a_url_that_leads_nowhere_is_told_without_its_password(url: str) -> None:
    with pytest.raises(UnavailableError) as caught:
        check(url)
    assert "hidden" not in str(caught.value)


def test_a_pool_without_a_server_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xindeng.store.connect._CONNECT_WAIT_S", 0.2)
    with pytest.raises(UnavailableError), open_pool("postgresql://u:hidden@127.0.0.1:1/x"):
        pass


# --- migrations ----------------------------------------------------------------------------------


def test_the_head_we_know_is_alembic_s(database_url: str) -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]
    migrate(database_url)
    with psycopg.connect(database_url, autocommit=True) as connection:
        assert version(connection) == HEAD
        known = connection.execute("SELECT number FROM oldest_program").fetchone()
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.execute("UPDATE oldest_program SET number = '9999'")
        with pytest.raises(UnavailableError, match="9999"):
            migrate(database_url)
        connection.execute("UPDATE alembic_version SET version_num = %s", [HEAD])
        connection.execute("UPDATE oldest_program SET number = %s", known)


def test_two_who_migrate_at_once_do_not_meet(
    server_url: str, new_database: Callable[[], str]
) -> None:
    from threading import Thread

    uri = new_database()
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    failures: list[BaseException] = []

    def one() -> None:
        try:
            migrate(uri)
        except BaseException as error:
            failures.append(error)

    threads = [Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
