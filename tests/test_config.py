"""Settings: how the layers combine, and that mistakes are shown where they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chatdraw.catalogue import line_of, nearest
from chatdraw.config import Settings, data_home, load_settings, resolve_source
from chatdraw.errors import ConfigError
from chatdraw.resources import shipped


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty settings folder of a person."""
    return tmp_path / "config"


def write(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / "models.toml"
    file.write_text(text, encoding="utf-8")
    return file


def load(folder: Path, profile: str | None = None, **environ: str) -> Settings:
    return load_settings(home=folder / "home", profile=profile, environ=environ, config_folder=folder)


def test_the_shipped_file_says_where_its_keys_are_explained() -> None:
    text = shipped("models.toml").read_text(encoding="utf-8")
    (named,) = re.findall(r"What each key means: (\S+\.py)\.", text)
    explained = Path(__file__).parents[1].joinpath(named).read_text(encoding="utf-8")
    assert "class LlmEntry" in explained
    assert "class PainterEntry" in explained


def mistake(folder: Path, text: str) -> tuple[str, str]:
    """Message and hint that a person's file causes; the message names the file."""
    file = write(folder, text)
    with pytest.raises(ConfigError) as caught:
        load(folder)
    message = str(caught.value)
    assert str(file) in message
    return message.replace(str(file), "FILE"), caught.value.hint or ""


# --- what is shipped -------------------------------------------------------------------------


def test_the_bundled_models_are_the_default(folder: Path) -> None:
    settings = load(folder)
    assert settings.profile == "storybook"
    assert (settings.llm_name, settings.llm.source, settings.llm.prompts) == (
        "storybook-writer",
        "bundled:writer",
        "storybook",
    )
    assert settings.painter.sizes == ((settings.painter.width, settings.painter.height),)


def test_every_shipped_profile_can_be_chosen(folder: Path) -> None:
    for name in load(folder).catalogue.profiles:
        assert load(folder, profile=name).profile == name


def test_every_shipped_size_is_one_its_model_can_draw(folder: Path) -> None:
    for name, painter in load(folder).catalogue.painter.items():
        for pixels in (painter.width, painter.height, *(side for size in painter.sizes for side in size)):
            assert pixels % painter.multiple == 0, name


# --- layers ----------------------------------------------------------------------------------


def test_one_key_of_a_shipped_entry_can_be_replaced(folder: Path) -> None:
    before = load(folder).painter
    write(folder, "[painter.storybook-painter]\nsteps = 31\n")
    assert load(folder).painter == before.model_copy(update={"steps": 31})


def test_new_entries_and_another_default(folder: Path) -> None:
    write(
        folder,
        """
        default = "mine"
        [profiles.mine]
        description = "My own"
        llm = "qwen3-0.6b"
        painter = "draft"
        [painter.draft]
        engine = "diffusers"
        source = "./models/draft"
        description = "A draft"
        licence = "mine"
        width = 256
        height = 192
        steps = 4
        guidance = 0.0
        word_budget = 40
        memory_gb = 1.5
        """,
    )
    settings = load(folder)
    assert (settings.profile, settings.llm_name, settings.painter.height) == ("mine", "qwen3-0.6b", 192)
    assert settings.painter.source == str((folder / "models" / "draft").resolve())
    assert "storybook" in settings.catalogue.profiles


def test_option_before_environment_before_file(folder: Path) -> None:
    write(folder, 'default = "laptop"')
    assert load(folder).profile == "laptop"
    assert load(folder, CHATDRAW_PROFILE="gpu").profile == "gpu"
    assert load(folder, CHATDRAW_PROFILE="").profile == "laptop"
    assert load(folder, profile="pattern", CHATDRAW_PROFILE="gpu").profile == "pattern"


def test_a_prompt_set_of_the_person_comes_first(folder: Path) -> None:
    own, shipped = load(folder).prompt_folders
    assert own == folder / "prompts"
    assert (shipped / "storybook" / "plan.jinja").is_file()


def test_home(tmp_path: Path) -> None:
    option, variable = tmp_path / "option", tmp_path / "variable"
    assert data_home(option, {"CHATDRAW_HOME": str(variable)}) == option
    assert data_home(None, {"CHATDRAW_HOME": str(variable)}) == variable
    assert data_home(None, {"CHATDRAW_HOME": " "}) == data_home(None, {})
    assert data_home(Path("here"), {}) == Path.cwd() / "here"


@pytest.mark.parametrize(("said", "threads"), [("", None), ("2", 2), (" 16 ", 16)])
def test_threads(folder: Path, said: str, threads: int | None) -> None:
    assert load(folder, CHATDRAW_THREADS=said).threads == threads


@pytest.mark.parametrize("said", ["0", "-1", "two", "1.5", "²"])
def test_threads_have_to_be_a_number(folder: Path, said: str) -> None:
    with pytest.raises(ConfigError, match="CHATDRAW_THREADS") as caught:
        load(folder, CHATDRAW_THREADS=said)
    assert caught.value.hint


# --- mistakes --------------------------------------------------------------------------------


def test_unknown_key_of_an_entry(folder: Path) -> None:
    message, hint = mistake(folder, '\n[painter.sd15]\nwidth = 640\nguidence = 7.0\n[llm.smollm3]\nsource = "x"\n')
    assert message == "FILE, line 4: there is no key “guidence”. Did you mean “guidance”?"
    assert "steps" in hint


def test_unknown_table(folder: Path) -> None:
    message, hint = mistake(folder, "[painters.sd15]\nwidth = 640\n")
    assert message == "FILE, line 1: there is no key “painters”. Did you mean “painter”?"
    assert "profiles" in hint


def test_unknown_engine(folder: Path) -> None:
    message, hint = mistake(folder, '[llm.smollm3]\nhistory = 2\nengine = "transformer"\n')
    assert message.startswith("FILE, line 3: llm.smollm3.engine: ")
    assert "transformers" in hint


def test_number_out_of_range(folder: Path) -> None:
    message, _ = mistake(folder, "[painter.sdxl]\n\nsteps = 0\n")
    assert message.startswith("FILE, line 3: painter.sdxl.steps: ")


def test_incomplete_new_entry_is_shown_at_its_header(folder: Path) -> None:
    message, _ = mistake(folder, "# mine\n[llm.smollm4]\nhistory = 2\n")
    assert message.startswith("FILE, line 2: llm.smollm4.")
    assert "required" in message


def test_diffusers_needs_a_source(folder: Path) -> None:
    message, _ = mistake(folder, '[painter.pattern]\nengine = "diffusers"\n')
    assert message == "FILE, line 1: painter.pattern: the engine diffusers needs a source."


def test_guidance_by_a_verifier_needs_one(folder: Path) -> None:
    message, _ = mistake(folder, "[painter.sd-turbo]\nverifier_guidance = 8\n")
    assert message == "FILE, line 1: painter.sd-turbo: verifier_guidance needs a verifier."


def test_attempts_need_somebody_who_tells_them_apart(folder: Path) -> None:
    message, _ = mistake(folder, "[painter.sd-turbo]\nattempts = 4\n")
    assert message == ("FILE, line 1: painter.sd-turbo: attempts need a verifier that tells which picture is the best.")


def test_a_pattern_has_no_verifier(folder: Path) -> None:
    message, _ = mistake(folder, '[painter.pattern]\nverifier = "bundled:verifier"\n')
    assert message == "FILE, line 1: painter.pattern: the engine pattern has no verifier."


def test_a_verifier_is_meant_from_where_it_is_written(folder: Path) -> None:
    write(folder, '[painter.storybook-painter]\nverifier = "./mine"\n')
    assert load(folder).painter.verifier == str((folder / "mine").resolve())


def test_profile_with_an_unknown_model(folder: Path) -> None:
    message, hint = mistake(folder, '[profiles.laptop]\npainter = "sd-trubo"\n')
    assert message == "FILE, line 2: there is no painter entry “sd-trubo”. Did you mean “sd-turbo”?"
    assert "storybook-painter" in hint


def test_unknown_default(folder: Path) -> None:
    message, _ = mistake(folder, '\ndefault = "storybok"\n')
    assert message == "FILE, line 2: there is no profile “storybok”. Did you mean “storybook”?"


def test_entry_that_is_no_table(folder: Path) -> None:
    message, hint = mistake(folder, '[llm]\nsmollm3 = "x"\n')
    assert message == "FILE, line 2: “llm.smollm3” has to be a table."
    assert "[llm.smollm3]" in hint


@pytest.mark.parametrize(
    ("key", "value", "hint"),
    [
        ("steps", '"7"', "whole number, without quotes"),
        ("steps", "true", "whole number"),
        ("steps", "7.5", "whole number"),
        ("guidance", '"7"', "a number, without quotes"),
        ("licence", "3", "in quotes"),
        ("sizes", "512", "[[512, 512]]"),
        ("sizes", "[[512]]", "[[512, 512]]"),
        ("dtype", '"float23"', "'float32'"),
    ],
)
def test_a_value_of_the_wrong_type_is_not_taken_for_the_right_one(
    key: str, value: str, hint: str, folder: Path
) -> None:
    message, told = mistake(folder, f"[painter.sd15]\n# mine\n{key} = {value}\n")
    assert message.startswith(f"FILE, line 3: painter.sd15.{key}: ")
    assert hint in told


def test_more_values_of_the_wrong_type(folder: Path) -> None:
    message, hint = mistake(folder, '[llm.smollm3]\nlanguages = "en"\n')
    assert message.startswith("FILE, line 2: llm.smollm3.languages: ")
    assert '["en", "de"]' in hint
    message, hint = mistake(folder, "[llm.smollm3]\ntemplate_kwargs = 3\n")
    assert "{ name = value }" in hint
    message, hint = mistake(folder, "[llm.smollm3]\ntemplate_kwargs = { day = 2020-01-01 }\n")
    assert message == "FILE, line 1: llm.smollm3 holds a date."
    message, _ = mistake(folder, "\ndefault = 3\n")
    assert message == "FILE, line 2: default has to be the name of a profile, in quotes."


def test_whole_numbers_are_numbers_too(folder: Path) -> None:
    write(folder, "[painter.sd15]\nguidance = 3\n")
    assert load(folder).catalogue.painter["sd15"].guidance == 3.0


def test_the_name_of_an_entry_with_a_typo(folder: Path) -> None:
    message, hint = mistake(folder, '[painter."sd-trubo"]\nsteps = 3\n')
    assert message == "FILE, line 1: painter.sd-trubo.engine: Field required."
    assert hint.endswith("did you mean “sd-turbo”?")
    _, hint = mistake(folder, "[painter.banana]\nsteps = 3\n")
    assert hint == "A new entry needs every key that has no default."


def test_broken_toml(folder: Path) -> None:
    message, _ = mistake(folder, "[llm.a]\nengine = \n")
    assert "line 2" in message


def test_unknown_profile_in_option_and_environment(folder: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"^--profile: there is no profile “labtop”. Did you mean “laptop”?"
    ) as caught:
        load(folder, profile="labtop")
    assert "storybook" in (caught.value.hint or "")
    with pytest.raises(ConfigError, match=r"^CHATDRAW_PROFILE: there is no profile “x”"):
        load(folder, CHATDRAW_PROFILE="x")


# --- helpers ---------------------------------------------------------------------------------


def test_sources(tmp_path: Path) -> None:
    import chatdraw

    bundled = Path(chatdraw.__file__).parent / "storybook" / "writer"
    assert resolve_source("bundled:writer") == str(bundled)
    assert resolve_source("~/models/x") == str(Path.home() / "models" / "x")
    assert resolve_source("Qwen/Qwen3-8B") == "Qwen/Qwen3-8B"
    assert resolve_source(str(tmp_path)) == str(tmp_path)


@pytest.mark.parametrize("source", ["bundled:", "bundled:../..", "bundled:a/b"])
def test_bundled_names_cannot_leave_their_folder(source: str) -> None:
    with pytest.raises(ConfigError):
        resolve_source(source)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 1),
        (("a",), 3),
        (("a", "b", "key"), 4),
        (("a", "b.c", "key"), 6),
        (("a", "dotted", "deep"), 8),
        (("a", "missing"), None),
    ],
)
def test_lines(path: tuple[str, ...], line: int | None) -> None:
    text = 'top = 1\n# [a.b]\n[a.b]\nkey = "x = 1"\n[a."b.c"]\nkey = 2\n[a]\ndotted.deep = 3\n'
    assert line_of(text, path) == line


def test_nearest_needs_some_likeness() -> None:
    assert nearest("SETPS", ["steps", "width"]) == "steps"
    assert nearest("banana", ["steps", "width"]) is None
