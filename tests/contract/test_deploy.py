"""What is shipped for running xindeng elsewhere names commands, files and figures that exist."""

from __future__ import annotations

import copy
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from xindeng.api.metrics import Metrics
from xindeng.cli.app import app
from xindeng.web.processes import GRACE_S

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = YAML(typ="safe").load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs/how-to/deploy.md").read_text(encoding="utf-8")


def understood(words: list[str]) -> bool:
    """Whether the command line takes these words; with --help behind them nothing is run."""
    return CliRunner().invoke(app, [*words, "--help"]).exit_code == 0


def commands() -> list[list[str]]:
    asked = [COMPOSE["services"][name]["command"] for name in ("service", "worker")]
    for unit in DEPLOY.glob("*.service"):
        line = re.search(r"^ExecStart=\S*/xindeng (.*)$", unit.read_text(), re.M)
        assert line, unit
        asked.append(shlex.split(line[1]))
    asked += [shlex.split(line) for line in re.findall(r"`xindeng ([^`]+)`", PAGE)]
    asked += [
        shlex.split(line) for line in re.findall(r"^\$ .*exec service xindeng (.*)$", PAGE, re.M)
    ]
    return asked


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_commands_exist(words: list[str]) -> None:
    assert understood(words)


@pytest.mark.parametrize("words", [["serve", "--wrokers", "2"], ["serf"], ["ledger", "verfy"]])
def test_a_mistake_in_a_command_is_seen(words: list[str]) -> None:
    assert not understood(words)


# What the compose specification lets stand where, as far as this file goes; its schema forbids the
# rest, so that a slip is an error and not a setting that nobody heeds.
COMPOSE_KEYS = {
    "": {"name", "services", "volumes"},
    "service": {
        "build", "image", "restart", "depends_on", "environment", "volumes", "read_only", "tmpfs",
        "cap_drop", "security_opt", "command", "healthcheck", "stop_grace_period", "ports",
    },
    "build": {"context", "dockerfile"},
    "healthcheck": {"test", "interval", "timeout", "retries", "start_period"},
}  # fmt: skip
DURATION = re.compile(r"(\d+(us|ms|s|m|h))+")


def breaches(compose: dict[str, Any]) -> list[str]:
    """What a compose file holds that its specification does not let stand there."""
    found = [key for key in compose if key not in COMPOSE_KEYS[""] and not key.startswith("x-")]
    for name, one in compose["services"].items():
        found += [f"{name}.{key}" for key in one if key not in COMPOSE_KEYS["service"]]
        found += [
            f"{name}.build.{k}" for k in one.get("build", {}) if k not in COMPOSE_KEYS["build"]
        ]
        health = one.get("healthcheck", {})
        found += [f"{name}.healthcheck.{k}" for k in health if k not in COMPOSE_KEYS["healthcheck"]]
        spans = [health.get("interval"), health.get("timeout"), one.get("stop_grace_period")]
        found += [f"{name}: {span}" for span in spans if span and not DURATION.fullmatch(span)]
        if health and health["test"][0] not in ("CMD", "CMD-SHELL"):
            found.append(f"{name}.healthcheck.test")
        for other, how in one.get("depends_on", {}).items():
            healthy = "healthcheck" in compose["services"].get(other, {})
            if how != {"condition": "service_healthy"} or not healthy:
                found.append(f"{name}.depends_on.{other}")
        lists = ("command", "volumes", "tmpfs", "cap_drop", "security_opt", "ports")
        found += [f"{name}.{k}" for k in lists
                  if not all(isinstance(each, str) for each in one.get(k, []))]  # fmt: skip
        found += [f"{name}.environment.{key}" for key, value in one.get("environment", {}).items()
                  if not isinstance(value, str)]  # fmt: skip
        found += [f"{name}: no volume {mount}" for mount in one.get("volumes", [])
                  if mount.partition(":")[0] not in compose["volumes"]]  # fmt: skip
    return found


def test_the_compose_file_is_one() -> None:
    assert breaches(COMPOSE) == []
    assert (
        COMPOSE["services"]["service"]["environment"]
        == COMPOSE["services"]["worker"]["environment"]
    )


@pytest.mark.parametrize(
    "harm",
    [
        lambda c: c["services"]["service"].update(helthcheck={}),
        lambda c: c["services"]["service"]["healthcheck"].update(interval="5 s"),
        lambda c: c["services"]["service"]["healthcheck"].update(test=["python"]),
        lambda c: c["services"]["worker"].update(depends_on={"databse": {"condition": "service_healthy"}}),
        lambda c: c["services"]["worker"].update(volumes=["hom:/var/lib/xindeng"]),
        lambda c: c["services"]["service"].update(ports=[8000]),
        lambda c: c.update(service={}),
    ],
)  # fmt: skip
def test_a_slip_in_the_compose_file_is_found(harm: Callable[[Any], None]) -> None:
    slipped = copy.deepcopy(COMPOSE)
    harm(slipped)
    assert breaches(slipped)


UNITS = sorted(DEPLOY.glob("*.service"))


def judged(units: Sequence[Path], place: Path) -> str:
    """What systemd says of units whose program is a program of this machine."""
    for unit in units:
        text = unit.read_text(encoding="utf-8").replace("/opt/xindeng/bin/xindeng", "/bin/true")
        (place / unit.name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", *(str(place / unit.name) for unit in units)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return "\n".join(line for line in (done.stdout + done.stderr).splitlines() if str(place) in line
                     or any(unit.name in line for unit in units))  # fmt: skip


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="this machine has no systemd to ask"
)
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    assert judged(UNITS, tmp_path) == ""
    slip = UNITS[0].read_text(encoding="utf-8").replace("KillMode=", "KilMode=")
    (tmp_path / "slip").mkdir()
    (tmp_path / UNITS[0].name).write_text(slip, encoding="utf-8")
    assert "KilMode" in judged([tmp_path / UNITS[0].name], tmp_path / "slip"), "a slip is found"


def test_units_end_in_order_and_may_do_little() -> None:
    for unit in UNITS:
        lines = unit.read_text(encoding="utf-8").splitlines()
        told = dict(
            line.split("=", 1) for line in lines if "=" in line and not line.startswith("#")
        )
        assert told["KillMode"] == "mixed" and int(told["TimeoutStopSec"]) > GRACE_S
        assert told["NoNewPrivileges"] == "yes" and told["CapabilityBoundingSet"] == ""
        assert told["User"] == "xindeng" and told["StateDirectoryMode"] == "0700"


def test_the_image_copies_what_there_is_and_keeps_the_key_outside() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.M):
        for name in line.split()[:-1]:
            assert (ROOT / name).exists(), name
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert "deploy/.env" in ignored


def test_settings_are_named_in_the_example_and_nothing_is_published_wider() -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    example = (DEPLOY / "env.example").read_text(encoding="utf-8")
    for name in set(re.findall(r"\$\{([A-Z_]+)", text)):
        assert f"{name}=" in example, name
    published = [port for one in COMPOSE["services"].values() for port in one.get("ports", [])]
    assert published and all(port.startswith("127.0.0.1:") for port in published)


def test_figures_to_watch_are_told() -> None:
    metrics = Metrics()
    metrics.requests.labels("/healthz", "200").inc()
    metrics.seconds.labels("/healthz").observe(0.01)
    told = metrics.text().decode()
    for name in re.findall(r"`(xindeng_[a-z_]+)[`{]", PAGE):
        assert name in told, name
