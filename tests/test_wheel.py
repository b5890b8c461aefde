"""The built wheel, installed elsewhere, has everything in it and draws the story."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing but the installed wheel; its dependencies come from this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, text=True)
    (wheel,) = folder.glob("*.whl")
    target = folder / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(target)]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True, text=True)
    return target


def run(installed: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # PYTHONPATH comes before the checkout that this environment has installed for editing.
    environ = {**os.environ, "PYTHONPATH": str(installed), "HF_HUB_OFFLINE": "1"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environ, capture_output=True, text=True, timeout=110
    )


def test_shipped_files_are_found_inside_it(installed: Path, tmp_path: Path) -> None:
    code = "from chatdraw.resources import shipped; print(shipped('models.toml'), shipped('prompts'), sep='\\n')"
    found = run(installed, tmp_path, "-c", code).stdout.splitlines()
    assert found == [str(installed / "chatdraw/shipped/models.toml"), str(installed / "chatdraw/shipped/prompts")]


def test_it_draws_the_story(installed: Path, tmp_path: Path) -> None:
    story = installed / "chatdraw/shipped/examples/hedgehog.toml"
    arguments = ["-m", "chatdraw", "--home", "home", "replay", str(story), "--out", "out"]
    done = run(installed, tmp_path, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = (tmp_path / "out/hedgehog/transcript.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 7
    assert all(json.loads(line) for line in lines)
    assert len(list((tmp_path / "out/hedgehog").glob("0*.png"))) == 7
