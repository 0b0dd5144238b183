"""What is shipped for running xindeng elsewhere names commands, files and figures that exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from xindeng.api.metrics import Metrics
from xindeng.cli.app import app

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
