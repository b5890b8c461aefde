"""``chatdraw config``: each setting with its value and its origin, and no secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from command_line import Program

from chatdraw.config import load_settings
from chatdraw.origins import Setting, explain
from chatdraw.resources import shipped
from chatdraw.terminal.config_view import show_config
from chatdraw.terminal.looks import make_console


def settings(
    here: Program, *, profile: str | None = None, home: Path | None = None, **environ: str
) -> dict[str, Setting]:
    given: dict[str, Any] = {"home": home, "profile": profile, "environ": environ, "config_folder": here.config}
    found = explain(load_settings(**given), **given)
    return {setting.name: setting for setting in found}


def line_of(file: Path, text: str) -> str:
    lines = file.read_text(encoding="utf-8").splitlines()
    return f"{file}, line {lines.index(text) + 1}"


def test_every_layer_is_told_apart(chatdraw_here: Program, tmp_path: Path) -> None:
    file = chatdraw_here.write_models('default = "pattern"\n\n[painter.pattern]\n# more\nsteps = 9\n')
    models = shipped("models.toml")
    found = settings(chatdraw_here)
    assert found["profile"] == Setting("profile", "pattern", "your file", f"{file}, line 1")
    assert found["painter.pattern.steps"] == Setting("painter.pattern.steps", 9, "your file", f"{file}, line 5")
    assert found["painter.pattern.multiple"] == Setting("painter.pattern.multiple", 8, "default", "")
    origin = found["llm.storybook-writer.source"]
    assert (origin.value, origin.origin) == ("bundled:writer", "shipped file")
    assert origin.place == line_of(models, 'source = "bundled:writer"')
    assert found["threads"] == Setting("threads", None, "default", "")
    assert found["home"].origin == "default"
    found = settings(chatdraw_here, CHATDRAW_PROFILE="storybook", CHATDRAW_HOME=str(tmp_path), CHATDRAW_THREADS="3")
    assert found["profile"] == Setting("profile", "storybook", "environment", "CHATDRAW_PROFILE")
    assert found["home"] == Setting("home", str(tmp_path), "environment", "CHATDRAW_HOME")
    assert found["threads"] == Setting("threads", 3, "environment", "CHATDRAW_THREADS")
    found = settings(
        chatdraw_here, profile="storybook", home=tmp_path / "x", CHATDRAW_PROFILE="pattern", CHATDRAW_HOME="y"
    )
    assert found["profile"] == Setting("profile", "storybook", "option", "--profile")
    assert found["home"] == Setting("home", str(tmp_path / "x"), "option", "--home")


def test_every_key_of_both_entries_is_there(chatdraw_here: Program) -> None:
    loaded = load_settings(environ={}, config_folder=chatdraw_here.config)
    found = settings(chatdraw_here)
    for table, name, entry in (("llm", loaded.llm_name, loaded.llm), ("painter", loaded.painter_name, loaded.painter)):
        for key in entry.model_fields_set:
            assert f"{table}.{name}.{key}" in found


def test_where_prompts_are_read_from(chatdraw_here: Program) -> None:
    own = chatdraw_here.config / "prompts" / "storybook" / "plan.jinja"
    own.parent.mkdir(parents=True)
    own.write_text("mine")
    found = settings(chatdraw_here)
    assert found["prompts.storybook.plan"] == Setting("prompts.storybook.plan", str(own), "your file")
    assert found["prompts.storybook.turn"].origin == "shipped file"


def test_keys_are_never_shown(chatdraw_here: Program) -> None:
    chatdraw_here.write_models(
        '[profiles.mine]\ndescription = "x"\nllm = "there"\npainter = "pattern"\n'
        '[llm.there]\nengine = "openai"\nsource = "qwen"\nlicence = "x"\nmemory_gb = 9\nlanguages = ["en"]\n'
        'description = "x"\nbase_url = "http://127.0.0.1:9/v1"\napi_key_env = "A_KEY"\n'
        'extra_body = { user = "sesame", deep = [{ more = "sesame" }], top_k = 3 }\n'
    )
    chatdraw_here.config.joinpath("prompts").mkdir()
    for arguments in (["config"], ["config", "--json"]):
        ran = chatdraw_here("--profile", "mine", *arguments, A_KEY="sesame", HF_TOKEN="sesame")
        assert ran.code == 0
        assert "A_KEY" in ran.out
        assert "sesame" not in ran.out
    found = settings(chatdraw_here, profile="mine", A_KEY="sesame", HF_TOKEN="sesame")
    assert found["llm.there.api_key"] == Setting("llm.there.api_key", "set", "environment", "A_KEY")
    assert found["hub token"].value == "set"
    assert found["llm.there.extra_body"].value["top_k"] == 3
    assert settings(chatdraw_here, profile="mine", A_KEY=" ")["llm.there.api_key"].value == "not set"
    assert "llm.there.device" not in found, "a server has no device here"


def test_the_commands(chatdraw_here: Program) -> None:
    found = {each["name"]: each for each in chatdraw_here("--profile", "storybook", "config", "--json").json}
    assert found["profile"] == {"name": "profile", "value": "storybook", "origin": "option", "place": "--profile"}
    assert found["home"]["place"] == "CHATDRAW_HOME"
    file = chatdraw_here.config / "models.toml"
    assert chatdraw_here("config", "path").out.strip() == str(file)
    # It is what people open after an error, so it has to work then.
    chatdraw_here.write_models("[painter.sd15]\nstpes = 5\n")
    assert chatdraw_here("config", "path").code == 0
    assert "line 2: there is no key “stpes”" in chatdraw_here.fails("config")[0]


@pytest.mark.parametrize("width", [60, 100])
def test_it_stays_within_the_window(width: int, chatdraw_here: Program, tmp_path: Path) -> None:
    found = settings(chatdraw_here, home=Path("/home"))
    # Paths of the machine that runs this are as long as they are.
    shown = [setting for setting in found.values() if not setting.name.startswith(("prompts", "models", "downloads"))]
    out = tmp_path / "out.txt"
    with out.open("w", encoding="utf-8") as file:
        show_config(shown, make_console(file, size=(width, 30)))
    lines = out.read_text(encoding="utf-8").splitlines()
    assert max(map(len, lines)) <= width
    assert "  home     /home  --home" in lines
    (steps,) = [line for line in lines if line.split()[:1] == ["steps"]]
    assert steps.split()[1:5] == ["12", "shipped", "models.toml,", "line"]
