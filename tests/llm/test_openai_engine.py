"""The engine for servers, against a strict one on this machine, in all of its moods."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from typing import Any

import pytest
from strict_server import (
    FINGERPRINT,
    MODEL,
    Mood,
    Says,
    StrictServer,
    blurts,
    event,
    fails,
    hangs,
    running,
    sends,
    streams,
)

from chatdraw.edits import AddCharacter, SetScene
from chatdraw.errors import Cancelled, ConfigError, ModelError
from chatdraw.llm.openai_engine import OpenAIModel
from chatdraw.messages import Message
from chatdraw.plan import CaptionDraft, Plan, parse_plan
from chatdraw.scene import Frozen

PLAN = Plan(
    action="draw",
    edits=(
        AddCharacter(kind="hedgehog", name="Larry", traits={"neckwear": "blue scarf"}),
        SetScene(field="setting", value="beach"),
    ),
    reply="Da ist „Larry“ 🦔.",
)
DRAFT = CaptionDraft(caption="A hedgehog at the beach.")
MESSAGES = (Message("system", "You plan."), Message("user", "A hedgehog called Larry, bitte."))
SECRET = "sk-hedgehog-0123456789"

Make = Callable[..., OpenAIModel]


@pytest.fixture
def server() -> Iterator[StrictServer]:
    yield from running()


@pytest.fixture
def make(server: StrictServer) -> Iterator[Make]:
    """Makes models that ask the server; they are patient unless told otherwise."""
    made: list[OpenAIModel] = []

    def make_one(**replaced: Any) -> OpenAIModel:
        values = {"base_url": server.url, "timeout_s": 20.0, "token_timeout_s": 20.0, "backoff_s": 0.01}
        made.append(OpenAIModel("test", MODEL, **(values | replaced)))
        return made[-1]

    yield make_one
    for model in made:
        model.close()


def ask(model: OpenAIModel, schema: type[Frozen] = CaptionDraft, max_tokens: int = 500) -> str:
    return "".join(model.complete(MESSAGES, schema, max_tokens=max_tokens))


def failure(model: OpenAIModel, max_tokens: int = 500) -> tuple[str, str]:
    """Message and hint of the error that an answer ends with."""
    with pytest.raises(ModelError) as caught:
        ask(model, max_tokens=max_tokens)
    assert caught.value.hint
    return str(caught.value), caught.value.hint


# --- a server that works --------------------------------------------------------------------------


def test_a_plan(server: StrictServer, make: Make) -> None:
    server.moods.append(Says(PLAN))
    pieces = list(make().complete(MESSAGES, Plan, max_tokens=321))
    assert parse_plan("".join(pieces)) == PLAN
    assert len(pieces) > 3
    assert "null" not in "".join(pieces)
    (asked,) = server.asked
    assert asked["max_tokens"] == 321
    assert asked["messages"][1] == {"role": "user", "content": "A hedgehog called Larry, bitte."}
    assert asked["response_format"]["json_schema"]["name"] == "Plan"


def test_pieces_come_while_the_server_still_writes(server: StrictServer, make: Make) -> None:
    server.moods.append(Says(DRAFT, hang=6))
    pieces = make().complete(MESSAGES, CaptionDraft, max_tokens=500)
    first = next(pieces)
    while "A hedgehog" not in first:
        first += next(pieces)
    pieces.close()
    assert server.left.wait(5)


@pytest.mark.parametrize("finish", ["stop", None])
def test_either_end_of_a_stream_is_enough(server: StrictServer, make: Make, finish: str | None) -> None:
    server.moods.append(Says(DRAFT, finish=finish, done=finish is None))
    assert json.loads(ask(make())) == DRAFT.model_dump()


def test_a_complete_answer_does_not_wait_for_the_end_of_the_stream(server: StrictServer, make: Make) -> None:
    last = event({"choices": [{"delta": {"content": '{"caption":"A cat."}'}, "finish_reason": "stop"}]})
    server.moods.append(streams(last, b": ping\n\n", endless=True, every=0.02))
    assert ask(make()) == '{"caption":"A cat."}'
    assert server.left.wait(5)


def test_one_connection_serves_several_answers(server: StrictServer, make: Make) -> None:
    ports = set()

    def notes_port(handler: Any) -> None:
        ports.add(handler.client_address)
        Says(DRAFT)(handler)

    server.moods.extend([notes_port] * 3)
    model = make()
    for _ in range(3):
        ask(model)
    assert len(ports) == 1


def test_answers_at_the_same_time(server: StrictServer, make: Make) -> None:
    together = threading.Barrier(3)

    def with_the_others(handler: Any) -> None:
        together.wait(10)
        Says(DRAFT)(handler)

    server.moods.extend([with_the_others] * 3)
    model, answers = make(), []
    threads = [threading.Thread(target=lambda: answers.append(ask(model))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [json.loads(answer) for answer in answers] == [DRAFT.model_dump()] * 3


def test_extra_body(server: StrictServer, make: Make) -> None:
    server.extra = {"chat_template_kwargs": {"enable_thinking": False}, "top_k": 1}
    server.moods.append(Says(DRAFT))
    assert ask(make(extra_body=server.extra))


@pytest.mark.parametrize(("wanted", "formats"), [("json_object", {"json_object"}), ("none", set())])
def test_other_response_formats(server: StrictServer, make: Make, wanted: str, formats: set[str]) -> None:
    # Nobody demanded nulls here, so one is as wrong as it is.
    server.formats = formats
    server.moods.append(Says('{"action":"talk","reply":null}'))
    assert ask(make(response_format=wanted)) == '{"action":"talk","reply":null}'


@pytest.mark.parametrize(
    "mood",
    [
        Says(DRAFT, thought='Perhaps {"caption": "A dog."}?'),
        Says('<think>Perhaps {"caption": "A dog."}?</think>\n{"caption": "A hedgehog at the beach."}'),
        Says('Perhaps a dog?</think>{"caption": "A hedgehog at the beach."}'),
    ],
)
def test_thoughts_do_not_reach_the_answer(server: StrictServer, make: Make, mood: Mood) -> None:
    server.moods.append(mood)
    assert json.loads(ask(make())) == DRAFT.model_dump()


def test_an_answer_is_cut_off_where_the_tokens_end(server: StrictServer, make: Make) -> None:
    server.moods.append(Says('{"caption":"A hedgehog', finish="length"))
    assert ask(make()) == '{"caption":"A hedgehog'


@pytest.mark.parametrize("text", ['```json\n{"caption":"A cat."}\n```', "[1, 2", '{"wrong":null,"caption":7}', "Sure!"])
def test_what_does_not_fit_the_schema_is_left_to_be_judged(server: StrictServer, make: Make, text: str) -> None:
    server.moods.append(Says(text))
    assert ask(make()) == text.replace('"wrong":null,', "")


# --- what the model is ----------------------------------------------------------------------------


def test_the_revision_is_what_the_server_says(server: StrictServer, make: Make) -> None:
    model = make()
    assert model.revision == "unknown"
    model.load()
    assert model.revision == MODEL
    server.moods.append(Says(DRAFT))
    ask(model)
    assert model.revision == f"{MODEL} {FINGERPRINT}"


def test_a_server_that_answers_with_another_model(server: StrictServer, make: Make) -> None:
    server.moods.append(Says(DRAFT, more={"model": "other\nmodel " + "x" * 1000, "system_fingerprint": None}))
    model = make()
    ask(model)
    assert model.revision.startswith("other model xxx")
    assert len(model.revision) < 310


@pytest.mark.parametrize(
    "models",
    [
        None,
        (),
        ("another",),
        hangs,
        blurts(b""),
        blurts(b"\x00\xff\n\n"),
        fails(500, {}),
        fails(200, "<html>"),
        fails(200, [1]),
        fails(200, {"data": 5}),
        fails(200, {"data": [{"id": 5}, {}]}),
        fails(200, "[" * 20_000),
    ],
)
def test_without_a_list_of_models_the_revision_is_unknown(server: StrictServer, make: Make, models: Any) -> None:
    server.models = models
    model = make(connect_timeout_s=0.2 if models is hangs else 5.0)
    model.load()
    assert model.revision == "unknown"


def test_a_server_that_says_nothing_about_its_model(server: StrictServer, make: Make) -> None:
    server.moods.append(Says(DRAFT, more={"model": None, "system_fingerprint": None}))
    model = make()
    ask(model)
    assert model.revision == "unknown"


def test_loading_fails_where_no_server_is(make: Make) -> None:
    with pytest.raises(ModelError, match="No server answers"):
        make(base_url=nowhere("127.0.0.1")).load()


def test_loading_fails_where_the_key_is_wrong(server: StrictServer, make: Make) -> None:
    server.key = SECRET
    with pytest.raises(ModelError, match="does not let us in"):
        make().load()


# --- slow servers ---------------------------------------------------------------------------------


def test_the_first_token_may_take_longer_than_the_others(server: StrictServer, make: Make) -> None:
    server.moods.append(Says(DRAFT, wait=0.2))
    assert ask(make(token_timeout_s=0.1))


def test_a_slow_stream_is_waited_for_as_long_as_it_moves(server: StrictServer, make: Make) -> None:
    server.moods.append(Says(DRAFT, between=0.07))
    started = time.monotonic()
    assert json.loads(ask(make(token_timeout_s=0.35))) == DRAFT.model_dump()
    assert time.monotonic() - started > 0.35


def test_a_server_that_never_answers(server: StrictServer, make: Make) -> None:
    server.moods.append(hangs)
    message, hint = failure(make(timeout_s=0.1))
    assert "did not begin to answer within 0.1 seconds" in message
    assert "timeout_s" in hint
    assert server.left.wait(5)
    assert len(server.asked) == 1


def test_a_server_that_begins_and_says_nothing(server: StrictServer, make: Make) -> None:
    server.moods.append(Says(DRAFT, hang=0))
    assert "did not begin to answer" in failure(make(timeout_s=0.1, token_timeout_s=5))[0]


def test_a_server_that_stops_in_the_middle(server: StrictServer, make: Make) -> None:
    server.moods.append(Says(DRAFT, hang=4))
    message, hint = failure(make(token_timeout_s=0.1))
    assert "stopped in the middle of an answer" in message
    assert "token_timeout_s" in hint
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "sign", [b": ping\n\n", event({"choices": []}), event({"choices": [{"delta": {"content": ""}}]})]
)
def test_signs_of_life_are_no_answer(server: StrictServer, make: Make, sign: bytes) -> None:
    begun = event({"choices": [{"delta": {"content": "{"}}]})
    server.moods.append(streams(begun, sign, endless=True, every=0.02))
    assert "stopped in the middle of an answer" in failure(make(token_timeout_s=0.15))[0]


def test_thinking_is_a_sign_of_life(server: StrictServer, make: Make) -> None:
    thinks = event({"choices": [{"delta": {"reasoning": "Hm. "}}]})
    answers = event({"choices": [{"delta": {"content": "{}"}, "finish_reason": "stop"}]})

    def mood(handler: Any) -> None:
        handler.begin_stream()
        for part in (*[thinks] * 6, answers):
            handler.write(handler.framed(part))
            threading.Event().wait(0.06)
        handler.end_stream()

    server.moods.append(mood)
    assert ask(make(timeout_s=0.35, token_timeout_s=0.35)) == "{}"


# --- servers that cannot be reached ---------------------------------------------------------------


def nowhere(host: str) -> str:
    """An address of this machine where nothing listens."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as free:
        free.bind((host, 0))
        port = free.getsockname()[1]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/v1"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_no_server(make: Make, host: str) -> None:
    url = nowhere(host) if host != "::1" else "http://[::1]:9/v1"
    message, hint = failure(make(base_url=url))
    assert f"No server answers at {url}" in message
    assert "base_url of “test”" in hint


def test_a_server_that_comes_up_meanwhile(server: StrictServer, make: Make) -> None:
    server.moods.append(Says(DRAFT))
    port = int(nowhere("127.0.0.1").split(":")[2].split("/")[0])
    late = threading.Timer(0.1, lambda: relays.append(Relay(port, server)))
    relays: list[Relay] = []
    late.start()
    try:
        assert ask(make(base_url=f"http://127.0.0.1:{port}/v1", retries=10, backoff_s=0.05))
    finally:
        late.join()
        for relay in relays:
            relay.close()


class Relay:
    """Lets one port lead to a server."""

    def __init__(self, port: int, server: StrictServer) -> None:
        target = int(server.url.split(":")[2].split("/")[0])
        self._listening = socket.create_server(("127.0.0.1", port))
        self._thread = threading.Thread(target=self._serve, args=(target,), daemon=True)
        self._thread.start()

    def _serve(self, target: int) -> None:
        try:
            client, _ = self._listening.accept()
        except OSError:
            return
        with client, socket.create_connection(("127.0.0.1", target)) as server:
            back = threading.Thread(target=self._copy, args=(server, client), daemon=True)
            back.start()
            self._copy(client, server)
            back.join()

    @staticmethod
    def _copy(source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self) -> None:
        self._listening.close()


def test_localhost_finds_a_server_on_either_protocol(server: StrictServer, make: Make) -> None:
    server.moods.append(Says(DRAFT))
    assert ask(make(base_url=server.url.replace("127.0.0.1", "localhost")))


def test_no_proxy_stands_between_this_machine_and_itself(
    server: StrictServer, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(variable, nowhere("127.0.0.1").removesuffix("/v1"))
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    server.moods.append(Says(DRAFT))
    assert ask(make())


def test_a_proxy_that_is_none(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", f"nonsense://user:{SECRET}@127.0.0.1")
    with pytest.raises(ConfigError) as caught:
        ask(make(base_url="http://192.0.2.1/v1"))
    assert "HTTPS_PROXY" in str(caught.value.hint)
    assert SECRET not in str(caught.value)


# --- servers that fail ----------------------------------------------------------------------------

OUT_OF_MEMORY = {"error": {"message": "CUDA out\n of memory", "type": "server_error"}}


@pytest.mark.parametrize(
    "mood",
    [
        fails(500, OUT_OF_MEMORY),
        fails(503, {"error": {"message": "Loading model"}}),
        fails(429, {}),
        fails(408, {}),
        blurts(b""),
        Says(DRAFT, cut=0),
        Says(DRAFT, thought="Hm.", cut=0),
    ],
)
def test_what_may_pass_is_tried_again(server: StrictServer, make: Make, mood: Mood) -> None:
    server.moods.extend([mood, mood, Says(DRAFT)])
    assert json.loads(ask(make(retries=2))) == DRAFT.model_dump()


def test_a_server_that_always_fails(server: StrictServer, make: Make) -> None:
    server.moods.extend([fails(500, OUT_OF_MEMORY)] * 4)
    message, hint = failure(make(retries=3))
    assert message == f"{server.url} failed (500): CUDA out of memory."
    assert "log" in hint


def test_the_pauses_between_attempts_grow(server: StrictServer, make: Make) -> None:
    server.moods.extend([fails(500)] * 3)
    failure(make(retries=2, backoff_s=0.04))
    first, second, third = server.times
    assert second - first >= 0.04
    assert third - second >= 0.08


def test_a_busy_server_is_left_alone_as_long_as_it_wants(server: StrictServer, make: Make) -> None:
    server.moods.extend([fails(429, Retry_After="0.15"), Says(DRAFT)])
    assert ask(make())
    assert server.times[1] - server.times[0] >= 0.15


def test_nobody_waits_longer_than_the_time_limit(server: StrictServer, make: Make) -> None:
    server.moods.append(fails(429, {"error": {"message": "Slow down"}}, Retry_After="3600"))
    message, _ = failure(make())
    assert message == f"{server.url} has too much to do (429): Slow down. It wants to be left alone for 3600 seconds."


def test_a_date_to_come_back_at(server: StrictServer, make: Make) -> None:
    server.moods.append(fails(503, Retry_After=formatdate(time.time() + 3600, usegmt=True)))
    assert "failed (503)" in failure(make())[0]


@pytest.mark.parametrize("value", ["soon", "-5", "nan", "", formatdate(0, usegmt=True)])
def test_a_wish_that_makes_no_sense_is_not_followed(server: StrictServer, make: Make, value: str) -> None:
    server.moods.extend([fails(503, Retry_After=value), Says(DRAFT)])
    assert ask(make())


@pytest.mark.parametrize("pieces", [3, 6])
def test_an_answer_that_broke_off_is_not_begun_again(server: StrictServer, make: Make, pieces: int) -> None:
    server.moods.append(Says(PLAN, cut=pieces))
    taken = []
    with pytest.raises(ModelError, match="closed the connection before the answer was complete"):
        taken.extend(make().complete(MESSAGES, Plan, max_tokens=500))
    assert len(server.asked) == 1


def test_a_stream_without_an_end(server: StrictServer, make: Make) -> None:
    server.moods.append(Says(DRAFT, finish=None, done=False))
    assert "before the answer was complete" in failure(make())[0]


def test_an_error_in_the_stream(server: StrictServer, make: Make) -> None:
    server.moods.append(streams(event({"error": {"message": "slot lost", "code": 500}})))
    message, _ = failure(make())
    assert message == f"{server.url} failed in the middle of an answer: slot lost."


def test_the_wrong_key(server: StrictServer, make: Make) -> None:
    server.key = SECRET
    server.moods.append(fails(401, {"error": {"message": f"Incorrect API key provided: {SECRET}"}}))
    message, hint = failure(make(api_key_env="TEST_KEY", environ={"TEST_KEY": SECRET}))
    assert "does not let us in (401)" in message
    assert "environment variable TEST_KEY" in hint
    assert SECRET not in message + hint


def test_a_key_that_was_not_given(server: StrictServer, make: Make) -> None:
    server.moods.append(fails(403, {}))
    assert "api_key_env" in failure(make())[1]


@pytest.mark.parametrize("mood", [fails(400, f"got Bearer {SECRET}"), streams(event({"error": f"bad {SECRET}"}))])
def test_a_server_that_repeats_the_key(server: StrictServer, make: Make, mood: Mood) -> None:
    server.key = SECRET
    server.moods.append(mood)
    message, hint = failure(make(api_key_env="TEST_KEY", environ={"TEST_KEY": SECRET}))
    assert "…" in message
    assert SECRET not in message + hint


def test_a_model_that_the_server_does_not_have(server: StrictServer, make: Make) -> None:
    server.models = ("small", "large")
    server.moods.append(fails(404, {"error": {"message": "no such model", "code": "model_not_found"}}))
    message, hint = failure(make())
    assert message == f"{server.url} has no model “{MODEL}”: no such model."
    assert hint.startswith("It has: small, large.")


def test_a_path_that_the_server_does_not_have(server: StrictServer, make: Make) -> None:
    server.models = None
    server.moods.append(fails(404, "404 page not found"))
    message, hint = failure(make())
    assert "(404): 404 page not found" in message
    assert "/v1" in hint


def test_a_server_that_does_not_know_json_schema(server: StrictServer, make: Make) -> None:
    server.moods.append(fails(400, {"detail": "response_format json_schema is not supported"}))
    message, hint = failure(make())
    assert "does not take the request (400): response_format json_schema is not supported" in message
    assert 'response_format = "json_object"' in hint


def test_a_conversation_that_is_too_long(server: StrictServer, make: Make) -> None:
    server.formats = set()
    server.moods.append(fails(400, {"error": {"message": "maximum context length is 4096 tokens"}}))
    message, hint = failure(make(response_format="none"))
    assert "maximum context length is 4096 tokens" in message
    assert "new session" in hint


def test_redirects_are_not_followed(server: StrictServer, make: Make) -> None:
    server.key = SECRET
    server.moods.append(fails(307, {}, Location=f"{server.url}/elsewhere"))
    assert "sends us somewhere else (307)" in failure(make(api_key_env="KEY", environ={"KEY": SECRET}))[0]


@pytest.mark.parametrize(
    ("mood", "expected"),
    [
        (sends(b"<html><body>Welcome to my router</body></html>", "text/html"), "text/html, not text/event-stream"),
        (sends(b'{"choices":[{"message":{"content":"{}"}}]}', "application/json"), "application/json, not"),
        (sends(b"data: {}\n\n", "text/plain"), "text/plain, not text/event-stream"),
        (sends(b"data: {}\n\n", None), "without a content type"),
        (streams(b"data: {nonsense\n\n"), "Invalid JSON"),
        (streams(b"data: \xff\xfe\x00\n\n"), "Invalid JSON"),
        (streams(b"data: [1, 2]\n\n"), "event: "),
        (streams(event({"choices": 7})), "choices"),
        (streams(event({"choices": [{"delta": {"content": 7}}]})), "choices.0.delta.content"),
        (streams(event({"choices": [{"delta": {"content": ["x"]}}]})), "choices.0.delta.content"),
        (streams(b'data: {"choices":[{"delta":{"content":"\\ud800"}}]}\n\n'), "Invalid JSON"),
        (streams(b"data: " + b"[" * 100_000 + b"\n\n"), "Invalid JSON"),
        (streams(b"data: " + b"x" * 1_200_000, endless=True), "limit"),
    ],
)
def test_what_is_no_chat_completion(server: StrictServer, make: Make, mood: Mood, expected: str) -> None:
    server.moods.append(mood)
    message, hint = failure(make())
    assert "sent something that is no chat completion" in message
    assert expected in message
    assert "OpenAI-compatible" in hint
    assert len(server.asked) == 1


def test_what_is_no_http(server: StrictServer, make: Make) -> None:
    server.moods.extend([blurts(b"\x00\x01nonsense\xff\n\n")] * 2)
    assert "closed the connection before" in failure(make(retries=1))[0]


@pytest.mark.parametrize(
    ("mood", "expected"),
    [
        (Says(""), "gave an empty answer"),
        (Says(" \n "), "gave an empty answer"),
        (Says("", finish="tool_calls"), "gave an empty answer"),
        (Says("<think>Hm, hm, hm"), "gave an empty answer"),
        (Says("", thought="Hm.", finish="length"), "still thinking when the 500 tokens"),
        (Says("<think>Hm, hm, hm", finish="length"), "still thinking when the 500 tokens"),
        (Says("", finish="content_filter"), "filter"),
        (Says("", delta={"refusal": "I’d rather not."}), "refuses to answer: I’d rather not."),
    ],
)
def test_empty_answers(server: StrictServer, make: Make, mood: Mood, expected: str) -> None:
    server.moods.append(mood)
    assert expected in failure(make())[0]


def test_a_server_that_does_not_stop(server: StrictServer, make: Make) -> None:
    server.moods.append(streams(event({"choices": [{"delta": {"content": "{" + "la" * 500}}]}), endless=True))
    assert "far more than the 50 tokens" in failure(make(), max_tokens=50)[0]
    assert server.left.wait(5)


# --- stopping -------------------------------------------------------------------------------------


@pytest.mark.parametrize("mood", [hangs, Says(DRAFT, hang=3)])
def test_cancelled_while_waiting(server: StrictServer, make: Make, mood: Mood) -> None:
    server.moods.append(mood)
    with pytest.raises(Cancelled):
        list(make().complete(MESSAGES, CaptionDraft, max_tokens=500, cancelled=lambda: len(server.asked) == 1))
    assert server.left.wait(5)


def test_cancelled_between_two_attempts(server: StrictServer, make: Make) -> None:
    turned_away = threading.Event()

    def turns_away(handler: Any) -> None:
        fails(429, Retry_After="15")(handler)
        turned_away.set()

    server.moods.append(turns_away)
    with pytest.raises(Cancelled):
        list(make().complete(MESSAGES, CaptionDraft, max_tokens=500, cancelled=turned_away.is_set))


def test_cancelled_between_pieces(server: StrictServer, make: Make) -> None:
    server.moods.append(Says(DRAFT))
    taken: list[str] = []
    pieces = make().complete(MESSAGES, CaptionDraft, max_tokens=500, cancelled=lambda: len(taken) == 2)
    with pytest.raises(Cancelled):
        taken.extend(pieces)
    assert len(taken) == 2


def test_cancelled_before_it_begins(server: StrictServer, make: Make) -> None:
    with pytest.raises(Cancelled):
        list(make().complete(MESSAGES, CaptionDraft, max_tokens=500, cancelled=lambda: True))
    assert server.asked == []


def test_closed_by_another_thread(server: StrictServer, make: Make) -> None:
    server.moods.extend([Says(DRAFT, hang=3), Says(DRAFT)])
    model = make()
    pieces = model.complete(MESSAGES, CaptionDraft, max_tokens=500)
    next(pieces)
    model.close()
    model.close()
    with pytest.raises(ModelError, match="was closed meanwhile"):
        list(pieces)
    assert ask(model)


def test_closed_without_ever_being_used(make: Make) -> None:
    before = threading.active_count()
    make().close()
    assert threading.active_count() == before


# --- keys -----------------------------------------------------------------------------------------


def test_the_key_comes_from_the_environment(server: StrictServer, make: Make) -> None:
    server.key = SECRET
    server.moods.append(Says(DRAFT))
    model = make(api_key_env="TEST_KEY", environ={"TEST_KEY": f"{SECRET}\n"})
    model.load()
    assert ask(model)
    assert SECRET not in repr(vars(model))


def test_variables_of_other_programs_are_not_sent(
    server: StrictServer, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(variable, SECRET)
    server.moods.append(Says(DRAFT))
    assert ask(make())


@pytest.mark.parametrize("environ", [{}, {"TEST_KEY": " "}])
def test_a_key_that_is_missing(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="TEST_KEY") as caught:
        OpenAIModel("test", MODEL, "http://127.0.0.1:1/v1", api_key_env="TEST_KEY", environ=environ)
    assert "export TEST_KEY" in str(caught.value.hint)


@pytest.mark.parametrize("key", ["Schlüssel", "two\nlines"])
def test_a_key_that_is_none(key: str) -> None:
    with pytest.raises(ConfigError, match="TEST_KEY") as caught:
        OpenAIModel("test", MODEL, "http://127.0.0.1:1/v1", api_key_env="TEST_KEY", environ={"TEST_KEY": key})
    assert key not in str(caught.value)
