"""What is installed and what works, with libraries that are missing, too old, broken, or end the process."""

from __future__ import annotations

import sys
from importlib.metadata import requires
from pathlib import Path

import pytest

from chatdraw import environment
from chatdraw.bundled import FOLDER, bundled_models, write_fingerprints
from chatdraw.environment import Library, fits, free_on_disk, installed, look_around, try_libraries, wanted_versions
from chatdraw.errors import ModelMissing

WORKING = {
    "torch": """
        class nn: pass
        class cuda:
            is_available = staticmethod(lambda: True)
            device_count = staticmethod(lambda: 2)
            get_device_name = staticmethod(lambda i: f"Card {i}")
            mem_get_info = staticmethod(lambda i: (10 + i, 20))
        class backends:
            class mps:
                is_available = staticmethod(lambda: False)
        def get_num_threads(): return 3
    """,
    "diffusers": "class DiffusionPipeline: pass",
    "transformers": "print('loading weights: 100%'); class_ = 0\nclass AutoModelForCausalLM: pass",
    "llguidance": "class LLMatcher: pass",
}


@pytest.fixture
def libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of stand-ins that are found before the real libraries, and work."""
    monkeypatch.syspath_prepend(tmp_path)
    for name, code in WORKING.items():
        write(tmp_path, name, code)
    return tmp_path


def write(folder: Path, name: str, code: str) -> None:
    lines = code.splitlines()
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    (folder / f"{name}.py").write_text("\n".join(line[indent:] if indent else line for line in lines), encoding="utf-8")


def state(name: str) -> Library:
    return next(library for library in look_around().libraries if library.name == name)


@pytest.mark.parametrize(
    ("found", "wanted", "expected"),
    [
        ("2.9.1+cpu", ">=2.9,<3", True),
        ("2.9", ">=2.9.0", True),
        ("2.10.0", ">=2.9", True),
        ("2.8.9", ">=2.9", False),
        ("3.0", ">=2.9,<3", False),
        ("3.0rc1", "<3", False),
        ("1.2", "", True),
        ("1.2", "!=1.2", False),
        ("1.2", "==1.2,<=1.2,>1", True),
    ],
)
def test_ranges_of_versions(found: str, wanted: str, expected: bool) -> None:
    assert fits(found, wanted) is expected


def test_what_chatdraw_needs_is_understood() -> None:
    needed = wanted_versions()
    assert "pytest" not in needed
    assert len(needed) == len([line for line in requires("chatdraw") or [] if "extra" not in line])
    for name, wanted in needed.items():
        assert wanted, name
        fits("1.0", wanted)
    with pytest.raises(ValueError, match="unknown range"):
        fits("1.0", "~=1.0")


def test_everything_that_is_tried_is_needed() -> None:
    assert set(environment.TRIED) <= set(wanted_versions())


def test_what_is_installed() -> None:
    found = {library.name: library for library in installed({"pydantic": ">=2", "rich": "<1", "nowhere-at-all": ">=1"})}
    assert (found["pydantic"].state, found["rich"].state) == ("not tried", "out of range")
    assert found["nowhere-at-all"] == Library("nowhere-at-all", ">=1", None, "missing")


def test_the_devices_are_those_that_torch_sees(libraries: Path) -> None:
    found = look_around()
    assert (found.threads, found.torch_asked) == (3, True)
    assert found.machine is not None
    assert [(card.device, card.name, card.memory, card.free) for card in found.machine.cards] == [
        ("cuda:0", "Card 0", 20, 10),
        ("cuda:1", "Card 1", 20, 11),
    ]
    assert {library.state for library in found.libraries if library.name in environment.TRIED} == {"works"}


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("raise ImportError('libcudart.so.12: cannot open shared object\\nmore')", "ImportError: libcudart.so.12"),
        ("raise OSError('[WinError 126]')", "OSError: [WinError 126]"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("x = 1", "AttributeError: module 'torch' has no attribute 'nn'"),
        ("import os; os._exit(7)", "loading it ends Python with code 7"),
    ],
)
def test_a_library_that_does_not_load(code: str, problem: str, libraries: Path) -> None:
    write(libraries, "torch", code)
    assert state("torch").state == "broken"
    assert state("torch").problem.startswith(problem)
    assert look_around().threads is None
    # The ones after it are tried all the same.
    assert state("transformers").state == "works"


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
def test_a_library_that_crashes_python(libraries: Path) -> None:
    write(libraries, "diffusers", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert state("diffusers").problem == "loading it crashes Python (SIGKILL)"
    assert state("llguidance").state == "works"


def test_a_library_that_never_comes_back(libraries: Path) -> None:
    write(libraries, "diffusers", "import threading; threading.Event().wait()")
    told = try_libraries(["diffusers"], patience=1.0)
    assert told == [{"name": "diffusers", "error": "loading it did not end within 1 seconds"}]


def test_what_is_out_of_range_stays_so_when_it_works(libraries: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "wanted_versions", lambda: {"torch": ">=99"})
    assert state("torch").state == "out of range"
    write(libraries, "torch", "raise ImportError('no')")
    assert state("torch").state == "broken"


def test_nothing_is_loaded_when_that_is_not_wanted(libraries: Path) -> None:
    write(libraries, "torch", "raise ImportError('no')")
    found = look_around(try_out=False)
    assert {library.state for library in found.libraries} == {"not tried"}
    assert (found.threads, found.torch_asked) == (None, False)


def test_without_the_library_that_counts_memory(libraries: Path) -> None:
    write(libraries, "psutil", "raise ImportError('no')")
    sys.modules.pop("psutil", None)
    try:
        assert look_around(try_out=False).machine is None
    finally:
        sys.modules.pop("psutil", None)


def test_room_on_a_disk_where_nothing_is_yet(tmp_path: Path) -> None:
    assert free_on_disk(tmp_path / "a" / "b") == pytest.approx(free_on_disk(tmp_path), rel=0.2)


# --- the bundled models ----------------------------------------------------------------------


def test_the_bundled_models_are_the_ones_that_are_shipped() -> None:
    changed = [model.name for model in bundled_models() if not model.unchanged]
    assert not changed, "new weights? then run: python -m chatdraw.bundled"
    assert {model.name for model in bundled_models()} == {card.parent.name for card in FOLDER.glob("*/README.md")}


def test_a_bundled_model_that_was_changed_or_is_gone(tmp_path: Path) -> None:
    for name in ("painter", "writer"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "README.md").write_text("A card.")
        (tmp_path / name / "config.json").write_text("{}")
    write_fingerprints(tmp_path)
    assert all(model.unchanged for model in bundled_models(tmp_path))
    (tmp_path / "painter" / "config.json").write_text("{ }")
    (tmp_path / "writer" / "config.json").unlink()
    painter, writer = bundled_models(tmp_path)
    assert (painter.unchanged, writer.unchanged, writer.fingerprint) == (False, False, None)
    (tmp_path / "fingerprints.json").write_text("{")
    with pytest.raises(ModelMissing) as missing:
        bundled_models(tmp_path)
    assert missing.value.hint
