"""``chatdraw doctor``: what it says, its exit codes, and that it changes nothing unless it is told to."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pexpect
import pytest
from click.testing import Result
from typer.testing import CliRunner

from chatdraw import diagnosis
from chatdraw.bundled import Bundled
from chatdraw.cli import program
from chatdraw.environment import Environment, Library
from chatdraw.errors import ChatdrawError, ConfigError, MessageError, ModelMissing
from chatdraw.machine import Card, Machine
from chatdraw.records import Turn
from chatdraw.scene import Scene
from chatdraw.store import Store
from chatdraw.terminal.doctor_view import show_diagnosis, terminal_facts
from chatdraw.terminal.looks import make_console

REPOSITORY = Path(__file__).parents[1]
Doctor = Callable[..., Result]

GIGABYTE = 10**9


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def around() -> dict[str, Any]:
    """The environment that is found; to be changed by tests."""
    libraries = [Library(name, ">=1", "1.2", "works") for name in ("diffusers", "llguidance", "torch", "transformers")]
    return {
        "python": "3.11.2",
        "system": "Linux",
        "libraries": (*libraries, Library("typer", ">=1", "1.0", "not tried")),
        "machine": Machine(memory=64 * GIGABYTE, free=32 * GIGABYTE),
        "threads": 4,
        "torch_asked": True,
    }


@pytest.fixture
def doctor(home: Path, tmp_path: Path, around: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """Runs it in this process, with the environment of the fixture above."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(diagnosis, "look_around", lambda try_out: Environment(**around))

    def run(*arguments: str, code: int = 0, before: tuple[str, ...] = ()) -> Result:
        monkeypatch.setenv("COLUMNS", "100")
        result = CliRunner().invoke(program, ["--home", str(home), *before, "doctor", *arguments])
        assert result.exit_code == code, (result.output, result.exception)
        return result

    return run


@pytest.fixture
def session(home: Path) -> str:
    with Store(home) as store:
        session = store.create_session("Larry")
        turn = Turn(
            id="1" * 32,
            parent=None,
            number=1,
            time=datetime(2026, 3, 1, tzinfo=UTC),
            text="hello",
            outcome="talked",
            scene=Scene(),
        )
        store.commit(session.id, turn, [], head=turn.id)
    return session.id


def leftover(home: Path) -> Path:
    path = home / "pictures" / "ab" / f".writing-{'a' * 32}"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"half")
    then = time.time() - 3600
    os.utime(path, (then, then))
    return path


def flat(result: Result) -> str:
    return " ".join(result.output.split())


# --- what it says ----------------------------------------------------------------------------


def test_all_is_well(doctor: Doctor, session: str) -> None:
    text = flat(doctor())
    assert text.startswith("✦ chatdraw ")
    for words in (
        "Python 3.11.2 on Linux",
        "torch 1.2",
        "others 1 of 1 as needed",
        "torch sees 4 threads of the CPU, no graphics card",
        "memory 32 GB of 64 GB free",
        "bundled painter unchanged, verifier unchanged, writer unchanged",
        "profile storybook (fits)",
        "language storybook-writer: ready",
        "database 1 session, 1 turn, 0 pictures;",
    ):
        assert words in text
    assert text.endswith("✓ All is well.")


def test_graphics_cards_are_named(doctor: Doctor, around: dict[str, Any]) -> None:
    card = Card("cuda:0", "GeForce 9", 24 * GIGABYTE, 20 * GIGABYTE)
    around["machine"] = Machine(memory=1, free=1, cards=(card,), mps=True)
    text = flat(doctor("--quick"))
    assert "GeForce 9 (cuda:0, 20 GB of 24 GB free), Apple's GPU (mps)" in text


def test_no_folder_yet_is_no_problem_and_none_is_made(doctor: Doctor, home: Path) -> None:
    text = flat(doctor())
    assert "state not made yet" in text
    assert f"There is no folder {home} yet: nothing has been kept." in text
    assert not home.exists()


def test_it_fits_a_narrow_window(
    around: dict[str, Any], session: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leftover(home)
    monkeypatch.setattr(diagnosis, "look_around", lambda try_out: Environment(**around))
    console = make_console(StringIO(), terminal=True, size=(60, 30), environ={"TERM": "dumb"})
    show_diagnosis(diagnosis.diagnose(home=home, profile="gpu"), terminal_facts(console), "1.0", console)
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]  # it is the StringIO
    assert any(str(home / "pictures") in line for line in lines)
    assert "! flux2-klein-4b: black-forest-labs/FLUX.2-klein-4B is not" in lines
    assert all(len(line) <= 60 for line in lines if str(home / "pictures") not in line), lines


PROBLEMS: dict[str, tuple[Library, str, str]] = {
    "missing": (
        Library("torch", ">=2.9", None, "missing"),
        "torch is not installed (>=2.9 is needed).",
        "pip install 'torch>=2.9'",
    ),
    "old": (
        Library("diffusers", ">=0.40,<1", "0.3", "out of range"),
        "diffusers 0.3 is installed, and >=0.40,<1 is needed.",
        "pip install 'diffusers>=0.40,<1'",
    ),
    "broken": (
        Library("torch", ">=2.9", "2.9", "broken", "ImportError: libcudart.so.12."),
        "torch 2.9 does not load: ImportError: libcudart.so.12.",
        "pip install --force-reinstall 'torch>=2.9', or the build for your system",
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_libraries_that_are_wrong(name: str, doctor: Doctor, around: dict[str, Any]) -> None:
    library, what, remedy = PROBLEMS[name]
    around["libraries"] = (library,)
    text = flat(doctor(code=1))
    assert f"✗ {what} {remedy}" in text
    assert text.endswith("✗ 1 problem.")


def test_a_mistake_in_the_settings_does_not_end_it(doctor: Doctor, session: str) -> None:
    text = flat(doctor(code=1, before=("--profile", "sotrybook")))
    assert "✗ --profile: there is no profile “sotrybook”. Did you mean “storybook”? Allowed: storybook" in text
    assert "profile cannot be said" in text
    assert "1 session, 1 turn" in text


@pytest.mark.skipif(sys.platform != "linux", reason="settings folders are elsewhere on other systems")
def test_a_model_that_is_not_where_it_should_be(doctor: Doctor, tmp_path: Path) -> None:
    file = tmp_path / "config" / "chatdraw" / "models.toml"
    file.parent.mkdir(parents=True)
    file.write_text('[painter.storybook-painter]\nsource = "/nowhere/at/all"\n')
    text = flat(doctor(code=1))
    assert "✗ storybook-painter: There is no model folder /nowhere/at/all. Check the source in models.toml." in text
    assert "images storybook-painter: missing, about" in text


def test_a_model_that_is_not_downloaded_yet_is_only_a_note(
    doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    text = flat(doctor(before=("--profile", "laptop")))
    assert "! qwen3-1.7b: Qwen/Qwen3-1.7B is not on this machine. It is downloaded when it is used" in text


@pytest.mark.parametrize(("free", "code", "words"), [(130, 0, "! The models"), (10, 1, "✗ The models")])
def test_models_that_do_not_fit(free: int, code: int, words: str, doctor: Doctor, around: dict[str, Any]) -> None:
    around["machine"] = Machine(memory=GIGABYTE, free=free * 10**6)
    assert f"{words} of the profile storybook" in flat(doctor(code=code))


def test_without_the_library_that_counts_memory(doctor: Doctor, around: dict[str, Any]) -> None:
    around["machine"] = None
    text = flat(doctor())
    assert "How much memory there is cannot be said" in text


def test_bundled_models_that_were_changed(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    found = (Bundled("painter", "ab", False), Bundled("writer", None, False))
    monkeypatch.setattr(diagnosis, "bundled_models", lambda: found)
    text = flat(doctor(code=1))
    assert "✗ The bundled painter is not the one that was shipped. Install chatdraw again" in text
    assert "✗ The bundled writer is missing." in text

    def damaged() -> None:
        raise ModelMissing("The list is damaged.", hint="Install chatdraw again.")

    monkeypatch.setattr(diagnosis, "bundled_models", damaged)
    assert "✗ The list is damaged. Install chatdraw again." in flat(doctor(code=1))


def test_a_full_disk(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "free_on_disk", lambda _: 3_000_000)
    assert "✗ Only 3 MB are free on the disk" in flat(doctor(code=1))


@pytest.mark.parametrize("harm", ["damaged", "newer", "locked"])
def test_a_database_that_cannot_be_used(harm: str, doctor: Doctor, session: str, home: Path) -> None:
    file = home / "chatdraw.db"
    words = {"damaged": "is damaged", "newer": "was written by a newer chatdraw", "locked": "is locked"}[harm]
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        if harm == "locked":
            other.execute("PRAGMA locking_mode = EXCLUSIVE")
            other.execute("BEGIN EXCLUSIVE")
            other.execute("UPDATE session SET title = 'x'")
        elif harm == "newer":
            other.execute("UPDATE alembic_version SET version_num = '9999'")
        else:
            file.write_bytes(b"no database" * 1000)
        before = file.read_bytes()
        assert f"✗ {file} {words}" in flat(doctor(code=1))
        assert file.read_bytes() == before


def test_details_are_cut_where_there_are_many(doctor: Doctor, session: str, home: Path) -> None:
    for number in range(25):
        (home / "pictures").mkdir(exist_ok=True)
        (home / "pictures" / f"{number}.jpg").write_bytes(b"")
    text = doctor().output
    assert text.count(".jpg") == 20
    assert "… and 5 more (--json has them all)" in text
    (finding,) = json.loads(doctor("--json").output)["findings"]
    assert len(finding["items"]) == 25


# --- as JSON ---------------------------------------------------------------------------------


def test_json_has_everything(doctor: Doctor, session: str, home: Path) -> None:
    path = leftover(home)
    value = json.loads(doctor("--json", "--quick").output)
    assert value["wrong"] is False
    assert value["libraries"][2] == {
        "name": "torch",
        "wanted": ">=1",
        "version": "1.2",
        "state": "works",
        "problem": "",
    }
    assert value["machine"]["memory"] == 64 * GIGABYTE
    assert value["profile"]["models"][0]["state"] == "ready"
    assert (value["store"]["sessions"], value["store"]["turns"]) == (1, 1)
    assert value["terminal"]["is_terminal"] is False
    (finding,) = value["findings"]
    assert (finding["severity"], finding["items"], finding["fixable"]) == ("note", [str(path)], True)


def test_json_and_a_problem(doctor: Doctor) -> None:
    value = json.loads(doctor("--json", code=1, before=("--profile", "x")).output)
    assert (value["wrong"], value["profile"]) == (True, None)


# --- putting it in order ---------------------------------------------------------------------


def failed(result: Result) -> ChatdrawError:
    assert isinstance(result.exception, ChatdrawError)
    return result.exception


def test_nothing_is_fixed_without_a_yes(doctor: Doctor, session: str, home: Path) -> None:
    path = leftover(home)
    assert "chatdraw doctor --fix can put 1 thing in order." in flat(doctor())
    result = doctor("--fix", code=1)
    assert "What can be put in order; nothing is deleted: › 1 file that a program was writing" in flat(result)
    assert isinstance(failed(result), MessageError)
    assert "--yes" in str(failed(result).hint)
    assert path.exists()
    assert not (home / "lost+found").exists()


def test_a_yes_moves_what_belongs_to_nothing(doctor: Doctor, session: str, home: Path) -> None:
    path = leftover(home)
    text = flat(doctor("--fix", "--yes"))
    (moved,) = (home / "lost+found").glob("*/writing-*")
    assert f"Moved 1 file to {moved.parent}." in text
    assert moved.read_bytes() == b"half"
    assert not path.exists()
    assert "There is nothing that --fix could put in order." in flat(doctor("--fix", "--yes"))


def test_what_cannot_be_fixed_stays_a_problem(doctor: Doctor, session: str, home: Path) -> None:
    leftover(home)
    doctor("--fix", "--yes", code=1, before=("--profile", "x"))
    assert (home / "lost+found").exists()


def test_looking_and_mending_do_not_go_together(doctor: Doctor) -> None:
    assert isinstance(failed(doctor("--fix", "--json", code=1)), ConfigError)


@pytest.mark.skipif(sys.platform == "win32", reason="pexpect needs a POSIX terminal")
@pytest.mark.parametrize(("answer", "moved"), [("y\r", True), ("n\r", False)])
def test_it_asks_in_a_terminal(answer: str, moved: bool, session: str, home: Path) -> None:
    path = leftover(home)
    arguments = ["-m", "chatdraw", "--home", str(home), "doctor", "--quick", "--fix"]
    # Nobody answers for a terminal that is only simulated; xterm would be asked for its abilities.
    child = pexpect.spawn(sys.executable, arguments, timeout=60, encoding="utf-8", dimensions=(40, 100))
    child.expect_exact("Do that? [y/N] ")
    child.send(answer)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert path.exists() is not moved


# --- in a process of its own -----------------------------------------------------------------


def test_it_works_where_no_large_library_loads(tmp_path: Path) -> None:
    for name in ("torch", "diffusers", "transformers", "llguidance", "psutil", "accelerate", "huggingface_hub"):
        (tmp_path / f"{name}.py").write_text(f"raise ImportError('{name} is broken here')")
    environ = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(REPOSITORY)]),
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "PYTHONIOENCODING": "utf-8",
    }
    command = [sys.executable, "-m", "chatdraw", "--home", str(tmp_path / "home"), "doctor"]
    for profile in ("storybook", "laptop"):
        done = subprocess.run(
            command,
            env={**environ, "CHATDRAW_PROFILE": profile},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=100,
            check=False,
        )
        text = " ".join(done.stdout.split())
        assert done.returncode == 1, done.stderr
        assert done.stderr == ""
        for name in ("torch", "diffusers", "transformers", "llguidance"):
            assert f"does not load: ImportError: {name} is broken here." in text
        assert text.endswith("✗ 4 problems.")
        assert not (tmp_path / "home").exists()


# --- the terminal ----------------------------------------------------------------------------


def test_what_the_terminal_can_do() -> None:
    plain = terminal_facts(make_console(StringIO(), terminal=False, size=(60, 20), environ={}))
    assert (plain.is_terminal, plain.columns, plain.colours, plain.pictures) == (False, 60, "none", "none")
    environ = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    full = terminal_facts(make_console(StringIO(), terminal=True, size=(100, 30), environ=environ))
    assert (full.is_terminal, full.rows, full.colours, full.pictures) == (True, 30, "16 million", "half blocks")
    none = terminal_facts(make_console(StringIO(), terminal=True, environ={**environ, "NO_COLOR": "1"}))
    assert (none.colours, none.pictures) == ("none", "none")
