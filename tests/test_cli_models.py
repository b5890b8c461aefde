"""``chatdraw models``: what is here, whole, and fits; and weights that are missing or cut short."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from command_line import Program

from chatdraw.config import load_settings
from chatdraw.machine import HEADROOM, Card, Machine
from chatdraw.model_report import Model, ModelReport, models_report
from chatdraw.resources import PACKAGE
from chatdraw.terminal.looks import make_console
from chatdraw.terminal.models_view import machine_line, show_models, size_of

GB = 10**9
SMALL = Machine(memory=8 * GB, free=4 * GB)
WITH_CARD = Machine(memory=64 * GB, free=50 * GB, cards=(Card("cuda:0", "A card", 24 * GB, 20 * GB),))

BUNDLED = PACKAGE / "storybook"


def report(here: Program, machine: Machine = SMALL, *, check: bool = False) -> ModelReport:
    settings = load_settings(home=here.home, environ={}, config_folder=here.config)
    return models_report(settings, machine=machine, check=check)


def model(found: ModelReport, name: str) -> Model:
    return next(each for each in found.models if each.name == name)


# --- what fits -----------------------------------------------------------------------------------


def test_what_fits_depends_on_room_to_work_in() -> None:
    assert SMALL.fit({"auto": 4 * GB / HEADROOM}) == "yes"
    assert SMALL.fit({"auto": 4 * GB / HEADROOM + 1}) == "tight"
    assert SMALL.fit({"auto": 4 * GB}) == "tight"
    assert SMALL.fit({"auto": 4 * GB + 1}) == "no"
    assert SMALL.fit({}) == "yes"


def test_what_shares_a_memory_is_added_up() -> None:
    assert WITH_CARD.fit({"auto": 12 * GB, "cuda:0": 12 * GB}) == "no"
    assert WITH_CARD.fit({"auto": 12 * GB, "cpu": 12 * GB}) == "yes"
    assert SMALL.fit({"auto": 2 * GB, "cpu": 2 * GB}) == "tight"


def test_a_device_that_is_not_there_fits_nothing() -> None:
    assert SMALL.fit({"cuda": 1}) == "no"
    assert WITH_CARD.fit({"cuda:1": 1}) == "no"
    assert WITH_CARD.fit({"mps": 1}) == "no"
    assert Machine(memory=8 * GB, free=4 * GB, mps=True).fit({"mps": 1}) == "yes"


def test_a_profile_needs_room_for_both_of_its_models(chatdraw_here: Program) -> None:
    chatdraw_here.write_models("[llm.storybook-writer]\nmemory_gb = 2.5\n[painter.pattern]\nmemory_gb = 2.5\n")
    found = report(chatdraw_here)
    assert {model(found, name).fit for name in ("storybook-writer", "pattern")} == {"yes"}
    assert next(profile.fit for profile in found.profiles if profile.name == "pattern") == "no"


def test_machine_in_words() -> None:
    assert machine_line(SMALL) == "4 GB of 8 GB memory free, no graphics card"
    assert machine_line(WITH_CARD) == "50 GB of 64 GB memory free, A card (cuda:0) with 20 GB free"


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 kB"), (640_000, "640 kB"), (5.74e6, "5.7 MB"), (28.9e6, "29 MB"), (1.5e9, "1.5 GB"), (57e9, "57 GB")],
)
def test_sizes_in_words(count: float, words: str) -> None:
    assert size_of(count) == words


# --- what is here --------------------------------------------------------------------------------


def test_the_bundled_models_are_ready(chatdraw_here: Program) -> None:
    found = report(chatdraw_here)
    for name, kind in (("storybook-writer", "llm"), ("storybook-painter", "painter")):
        each = model(found, name)
        assert (each.kind, each.where, each.state, each.problem) == (kind, "bundled", "ready", "")
        assert each.bytes_on_disk is not None
        assert each.bytes_on_disk > 1_000_000
    assert found.chosen.name == "storybook"
    assert found.chosen.ready
    assert model(found, "storybook-writer").profiles == ("storybook", "pattern")


def test_a_hub_model_is_downloaded_when_it_is_used(chatdraw_here: Program) -> None:
    each = model(report(chatdraw_here), "sd-turbo")
    assert (each.where, each.state, each.folder) == ("hub", "missing", None)
    assert "downloaded when it is used" in each.hint


def test_a_hub_model_that_is_here_or_half_here(
    chatdraw_here: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "hub"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    folder = cache / "models--Qwen--Qwen3-0.6B"
    snapshot = folder / "snapshots" / ("a" * 40)
    shutil.copytree(BUNDLED / "writer", snapshot)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text("a" * 40)
    each = model(report(chatdraw_here), "qwen3-0.6b")
    assert (each.where, each.state, each.folder) == ("hub", "ready", snapshot)
    (snapshot / "model.safetensors").unlink()
    each = model(report(chatdraw_here), "qwen3-0.6b")
    assert each.state == "damaged"
    assert "model.safetensors" in each.problem
    assert "goes on" in each.hint


def copy_of(name: str, tmp_path: Path) -> Path:
    folder = tmp_path / name
    shutil.copytree(BUNDLED / name, folder)
    return folder


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def remove(file: Path) -> None:
    file.unlink()


def test_a_verifier_that_is_not_there_is_said(chatdraw_here: Program) -> None:
    chatdraw_here.config.mkdir(parents=True, exist_ok=True)
    text = '[painter.storybook-painter]\nverifier = "/nowhere/at/all"\n'
    (chatdraw_here.config / "models.toml").write_text(text, encoding="utf-8")
    each = model(report(chatdraw_here), "storybook-painter")
    assert each.state == "damaged"
    assert "/nowhere/at/all" in each.problem
    assert "is to help it draw" in each.problem
    assert "verifier_guidance to 0" in (each.hint or "")


@pytest.mark.parametrize("harm", [cut, remove])
@pytest.mark.parametrize(
    ("kind", "entry", "folder", "file"),
    [
        ("llm", "storybook-writer", "writer", "model.safetensors"),
        ("painter", "storybook-painter", "painter", "vae/diffusion_pytorch_model.safetensors"),
        ("painter", "storybook-painter", "painter", "unet/diffusion_pytorch_model-00002-of-00002.safetensors"),
    ],
)
def test_weights_missing_or_cut_short_are_named(
    harm: Any, kind: str, entry: str, folder: str, file: str, chatdraw_here: Program, tmp_path: Path
) -> None:
    copy = copy_of(folder, tmp_path)
    chatdraw_here.write_models(f'[{kind}.{entry}]\nsource = "{copy}"\n')
    assert model(report(chatdraw_here), entry).state == "ready"
    harm(copy / file)
    each = model(report(chatdraw_here), entry)
    assert each.state == "damaged"
    assert str(copy / Path(file).parent) in each.problem
    assert "copy or download" in each.hint.casefold()
    assert not report(chatdraw_here).chosen.ready
    # And whoever draws with it is told the same.
    ran = chatdraw_here("draw", "a blue owl", "--json", CHATDRAW_PROFILE="storybook")
    assert ran.code == 1
    failed = json.loads(ran.out.splitlines()[-1]) if ran.error is None else {"hint": ran.error.hint}
    assert "copy or download" in failed["hint"].casefold()


def test_a_folder_that_is_not_there(chatdraw_here: Program, tmp_path: Path) -> None:
    chatdraw_here.write_models(f'[llm.storybook-writer]\nsource = "{tmp_path / "none"}"\n')
    each = model(report(chatdraw_here), "storybook-writer")
    assert (each.where, each.state) == ("folder", "missing")
    assert str(tmp_path / "none") in each.problem


# --- servers -------------------------------------------------------------------------------------


class _Server(BaseHTTPRequestHandler):
    """A server with the answer that the test wants."""

    status = 200
    body = b""
    headers_too: ClassVar[tuple[tuple[str, str], ...]] = ()
    seen: ClassVar[list[tuple[str, str | None]]]

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers["Authorization"]))
        self.send_response(self.status)
        for name, value in self.headers_too:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:
        """Silence."""


@pytest.fixture
def server() -> Iterator[tuple[type[_Server], str]]:
    """What it answers, to be set, and its address."""
    handler = type("Handler", (_Server,), {"seen": []})
    serving = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield handler, f"http://127.0.0.1:{serving.server_port}/v1"
    serving.shutdown()
    thread.join()
    serving.server_close()


def at_server(here: Program, url: str, more: str = "") -> None:
    here.write_models(
        '[profiles.mine]\ndescription = "x"\nllm = "there"\npainter = "pattern"\n'
        '[llm.there]\nengine = "openai"\nsource = "qwen"\nlicence = "x"\nmemory_gb = 99\nlanguages = ["en"]\n'
        f'description = "x"\nbase_url = "{url}"\n{more}'
    )


def test_a_server_is_not_asked_unless_told_to(chatdraw_here: Program, server: tuple[type[_Server], str]) -> None:
    handler, url = server
    at_server(chatdraw_here, url)
    found = report(chatdraw_here)
    each = model(found, "there")
    assert (each.where, each.state, each.fit) == ("server", "not asked", None)
    assert next(profile.fit for profile in found.profiles if profile.name == "mine") == "yes"
    assert handler.seen == []


@pytest.mark.parametrize(
    ("status", "body", "state", "words"),
    [
        (200, b'{"data": [{"id": "qwen"}, {"id": "other"}]}', "ready", ""),
        (200, b'{"data": [{"id": "qwen:latest"}]}', "ready", ""),
        (200, b'{"data": [{"id": "other"}]}', "missing", "has no model qwen"),
        (200, b'{"data": []}', "not known", "does not say which models"),
        (200, b"<html>", "not known", "does not say which models"),
        (200, b"[]", "not known", "does not say which models"),
        (404, b"", "not known", "does not say which models"),
        (500, b"", "not known", "does not say which models"),
        (401, b"", "unreachable", "does not let us in"),
    ],
)
def test_what_a_server_answers(
    status: int, body: bytes, state: str, words: str, chatdraw_here: Program, server: tuple[type[_Server], str]
) -> None:
    handler, url = server
    handler.status, handler.body = status, body
    at_server(chatdraw_here, url)
    each = model(report(chatdraw_here, check=True), "there")
    assert each.state == state
    assert words in each.problem
    assert bool(each.hint) is (state != "ready")
    assert handler.seen == [("/v1/models", None)]


def test_the_key_is_sent_and_never_shown(
    chatdraw_here: Program, server: tuple[type[_Server], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    handler, url = server
    handler.status, handler.body = 403, b"wrong key sesame"
    at_server(chatdraw_here, url, 'api_key_env = "A_KEY"\nextra_body = { user = "sesame", top_k = 3 }\n')
    monkeypatch.delenv("A_KEY", raising=False)
    unset = model(report(chatdraw_here, check=True), "there")
    assert unset.state == "unreachable"
    assert "A_KEY" in unset.problem
    assert "not set" in unset.problem
    assert handler.seen == []
    for arguments in (["models", "--check"], ["models", "--check", "--json"], ["models", "show", "there", "--check"]):
        ran = chatdraw_here(*arguments, A_KEY="sesame")
        assert ran.code == 0
        assert "A_KEY" in ran.out
        assert "sesame" not in ran.out
    assert set(handler.seen) == {("/v1/models", "Bearer sesame")}


def test_texts_that_the_shipped_file_sends_to_servers_are_shown_and_others_are_not(
    chatdraw_here: Program,
) -> None:
    assert '{"reasoning_effort": "none"}' in chatdraw_here("models", "show", "ollama").out
    at_server(chatdraw_here, "http://127.0.0.1:9/v1", 'extra_body = { reasoning_effort = "none", user = "sesame" }\n')
    assert '{"reasoning_effort": "none", "user": "(not shown)"}' in chatdraw_here("models", "show", "there").out


def test_the_key_follows_no_redirect(
    chatdraw_here: Program, server: tuple[type[_Server], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    handler, url = server
    handler.status, handler.headers_too = 302, (("Location", f"{url}/elsewhere"),)
    at_server(chatdraw_here, url, 'api_key_env = "A_KEY"\n')
    monkeypatch.setenv("A_KEY", "sesame")
    assert model(report(chatdraw_here, check=True), "there").state == "not known"
    assert handler.seen == [("/v1/models", "Bearer sesame")]


def test_no_proxy_stands_between_this_machine_and_itself(
    chatdraw_here: Program, server: tuple[type[_Server], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    handler, url = server
    handler.body = b'{"data": [{"id": "qwen"}]}'
    at_server(chatdraw_here, url)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert model(report(chatdraw_here, check=True), "there").state == "ready"


def test_a_server_that_takes_any_name_has_the_model(chatdraw_here: Program, server: tuple[type[_Server], str]) -> None:
    handler, url = server
    handler.body = b'{"data": [{"id": "/models/qwen3.gguf"}]}'
    at_server(chatdraw_here, url)
    assert model(report(chatdraw_here, check=True), "there").state == "missing"
    assert "missing" in chatdraw_here("models", "show", "there", "--check").out
    chatdraw_here.write_models(f'[llm.llama-server]\nbase_url = "{url}"\n')
    assert model(report(chatdraw_here, check=True), "llama-server").state == "ready"


def test_a_server_that_is_down(chatdraw_here: Program, server: tuple[type[_Server], str]) -> None:
    at_server(chatdraw_here, "http://127.0.0.1:9/v1")
    each = model(report(chatdraw_here, check=True), "there")
    assert each.state == "unreachable"
    assert "Start it" in each.hint


# --- the command ---------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [60, 100])
def test_the_table_stays_within_the_window(width: int, chatdraw_here: Program, tmp_path: Path) -> None:
    out = tmp_path / "out.txt"
    with out.open("w", encoding="utf-8") as file:
        show_models(report(chatdraw_here), make_console(file, size=(width, 30)))
    lines = out.read_text(encoding="utf-8").splitlines()
    assert max(map(len, lines)) <= width
    (in_use,) = [line for line in lines if line.startswith("✦ storybook ")]
    assert in_use.split()[1:4] == ["storybook", "ready", "fits"]
    (turbo,) = [line for line in lines if line.strip().startswith("sd-turbo ")]
    assert turbo.split()[:6] == ["sd-turbo", "to", "download", "2.6", "GB", "fits"]
    assert ("Stability" in turbo) is (width == 100)
    (large,) = [line for line in lines if line.strip().startswith("qwen-image ")]
    assert "too large" in large


def test_as_json(chatdraw_here: Program) -> None:
    found = chatdraw_here("models", "--json").json
    assert {profile["name"] for profile in found["profiles"] if profile["in_use"]} == {"pattern"}
    names = {each["name"]: each for each in found["models"]}
    assert names["storybook-painter"]["state"] == "ready"
    assert names["storybook-painter"]["entry"]["licence"] == "as chatdraw"
    assert found["machine"]["memory_bytes"] > 0


def test_show_one_model_or_both_of_a_profile(chatdraw_here: Program) -> None:
    one = chatdraw_here("models", "show", "sd-turbo").out
    assert "stabilityai/sd-turbo" in one
    assert "Stability AI Community" in one
    both = chatdraw_here("models", "show", "storybook", "--json").json
    assert [each["name"] for each in both] == ["storybook-writer", "storybook-painter"]


def test_an_unknown_model_names_the_nearest(chatdraw_here: Program) -> None:
    message, hint = chatdraw_here.fails("models", "show", "sd-trubo")
    assert message == "models show: there is no model or profile “sd-trubo”. Did you mean “sd-turbo”?"
    assert "storybook-painter" in hint
