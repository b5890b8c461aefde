"""What ``models.toml`` may say about a language model behind a server."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from chatdraw.app import App
from chatdraw.catalogue import HERE_ONLY, SERVER_ONLY, LlmEntry
from chatdraw.config import load_settings
from chatdraw.errors import ConfigError
from chatdraw.llm.openai_engine import OpenAIModel

SECRET = "sk-hedgehog"


def entry(**values: Any) -> LlmEntry:
    given = {"engine": "openai", "source": "tiny", "base_url": "http://127.0.0.1:8000/v1"}
    return LlmEntry.model_validate(
        {"description": "", "licence": "", "memory_gb": 0, "languages": ["en"], **given, **values}
    )


def mistake(**values: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        entry(**values)
    return caught.value.errors()[0]["msg"]


def test_every_shipped_server_has_a_profile_and_makes_a_model(tmp_path: Path) -> None:
    catalogue = load_settings(home=tmp_path, environ={}, config_folder=tmp_path).catalogue
    servers = {name for name, llm in catalogue.llm.items() if llm.engine == "openai"}
    profiles = {profile.llm: name for name, profile in catalogue.profiles.items() if profile.llm in servers}
    assert servers == profiles.keys() == {"ollama", "llama-server", "lm-studio", "vllm"}
    for name, profile in profiles.items():
        app = App(load_settings(home=tmp_path, profile=profile, environ={}, config_folder=tmp_path))
        assert isinstance(app.llm, OpenAIModel)
        assert (app.llm.name, app.llm.revision) == (name, "unknown")
        app.close()


def test_a_key_that_is_not_set_is_said_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEDGEHOG_KEY", raising=False)
    (tmp_path / "models.toml").write_text('default = "vllm"\n[llm.vllm]\napi_key_env = "HEDGEHOG_KEY"\n')
    app = App(load_settings(home=tmp_path, environ={}, config_folder=tmp_path))
    with pytest.raises(ConfigError, match="HEDGEHOG_KEY"):
        app.conversation()


@pytest.mark.parametrize(
    "url",
    [
        "http://192.168.1.20:8000/v1",
        "https://models.example/v1/",
        "http://[::1]:11434/v1",
        "http://localhost",
    ],
)
def test_addresses(url: str) -> None:
    assert entry(base_url=url).base_url == url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", "needs a base_url"),
        ("localhost:8000/v1", "has to look like"),
        ("ftp://localhost/v1", "has to look like"),
        ("http://", "has to look like"),
        ("http://[::1/v1", "has to look like"),
        ("http://localhost:99999/v1", "has to look like"),
        ("http://localhost:0/v1", "has to look like"),
        (" http://localhost/v1", "has to look like"),
        (f"http://localhost/v1?key={SECRET}", "has to look like"),
        (f"http://localhost/v1#{SECRET}", "has to look like"),
        (f"http://{SECRET}@localhost/v1", "name or password"),
        (f"http://me:{SECRET}@localhost/v1", "name or password"),
    ],
)
def test_addresses_that_are_none(url: str, expected: str) -> None:
    message = mistake(base_url=url)
    assert expected in message
    assert SECRET not in message


@pytest.mark.parametrize("name", [SECRET, "sk_hedgehog", "", "KEY ", "1KEY", "KEY=1"])
def test_a_key_in_place_of_its_variable(name: str) -> None:
    message = mistake(api_key_env=name)
    assert "name of an environment variable" in message
    assert SECRET not in message


@pytest.mark.parametrize("key", ["model", "messages", "stream", "temperature", "response_format", "n"])
def test_extra_body_leaves_alone_what_chatdraw_sets(key: str) -> None:
    assert f"cannot set {key}" in mistake(extra_body={key: 1})


@pytest.mark.parametrize("value", [date(2026, 1, 1), float("nan"), float("inf")])
def test_extra_body_is_json(value: object) -> None:
    assert "no JSON" in mistake(extra_body={"options": {"deep": [value]}})


@pytest.mark.parametrize("key", ["connect_timeout_s", "timeout_s", "token_timeout_s"])
@pytest.mark.parametrize("seconds", [0, -1, float("inf"), float("nan")])
def test_time_limits_are_positive(key: str, seconds: float) -> None:
    assert mistake(**{key: seconds})


@pytest.mark.parametrize("key", sorted(HERE_ONLY))
def test_keys_that_a_server_decides(key: str) -> None:
    value = {"context": 512, "template_kwargs": {}, "beams": 4}.get(key, "auto")
    assert mistake(**{key: value}) == f"Value error, the engine openai has no {key}"


@pytest.mark.parametrize("key", sorted(SERVER_ONLY))
def test_keys_that_only_a_server_has(key: str) -> None:
    values = {"engine": "transformers", "source": "a/b", "description": "", "licence": "", "memory_gb": 0}
    with pytest.raises(ValidationError, match=f"the engine transformers has no {key}"):
        LlmEntry.model_validate({**values, "languages": ["en"], key: getattr(entry(), key)})


def test_every_key_is_either_or_for_both() -> None:
    both = {"engine", "source", "prompts", "history", "max_tokens", "description", "licence", "memory_gb", "languages"}
    assert LlmEntry.model_fields.keys() == HERE_ONLY | SERVER_ONLY | both
