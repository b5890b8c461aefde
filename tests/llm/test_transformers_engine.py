from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
import torch
from pydantic import StringConstraints, ValidationError
from tiny import Drawing, sliding
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    Qwen3_5ForCausalLM,
    Qwen3_5TextConfig,
)

from chatdraw.errors import Cancelled, ModelError, PlanError
from chatdraw.llm import transformers_engine
from chatdraw.llm.base import Call, LanguageModel
from chatdraw.llm.constrain import Grammars
from chatdraw.llm.transformers_engine import TransformersModel
from chatdraw.messages import Message
from chatdraw.plan import CaptionDraft, Plan, parse_caption, parse_plan
from chatdraw.scene import Frozen

pytestmark = pytest.mark.usefixtures("one_thread")

SYSTEM = Message("system", "You keep a story for a child. 이야기를 기억해 주세요.")
ASKED = (SYSTEM, Message("user", "Draw a hedgehog. 고슴도치를 그려 주세요."))


class Long(Frozen):
    """An answer that takes many tokens, whatever the model."""

    text: Annotated[str, StringConstraints(min_length=400, max_length=500)]


def recurrent(vocabulary: int) -> PreTrainedModel:
    """Linear attention, which mixes all tokens into one state, and full attention."""
    config = Qwen3_5TextConfig(
        vocab_size=vocabulary,
        hidden_size=64,
        intermediate_size=64,
        num_hidden_layers=2,
        layer_types=["linear_attention", "full_attention"],
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=32,
        linear_num_key_heads=2,
        linear_num_value_heads=2,
        linear_key_head_dim=16,
        linear_value_head_dim=16,
        initializer_range=0.2,
    )
    return Qwen3_5ForCausalLM(config)


class Plain:
    """The slow way to the same answer: no cache, and everything is read again for every token."""

    def __init__(self, folder: Path) -> None:
        self._model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        self._tokenizer = AutoTokenizer.from_pretrained(folder)
        self._grammars = Grammars(self._tokenizer, [self._tokenizer.eos_token_id])

    def __call__(self, messages: tuple[Message, ...], schema: type[Frozen], max_tokens: int) -> str:
        matcher = self._grammars.start(schema)
        chat = [{"role": m.role, "content": m.content} for m in messages]
        prompt = self._tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_dict=False)
        answer: list[int] = []
        while len(answer) < max_tokens and not matcher.finished:
            token, *_ = matcher.forced() or [self._most_likely(prompt + answer, matcher.allowed().nonzero()[0])]
            matcher.accept([token])
            answer.append(token)
        return self._grammars.decode(answer).decode(errors="ignore")

    def _most_likely(self, tokens: list[int], allowed: Iterable[int]) -> int:
        with torch.inference_mode():
            logits = self._model(torch.tensor([tokens]), use_cache=False).logits[0, -1].tolist()
        return max(allowed, key=logits.__getitem__)


@pytest.fixture
def model(folder: Path) -> Iterator[TransformersModel]:
    engine = TransformersModel("tiny", str(folder), device="cpu", threads=1)
    yield engine
    engine.close()


def ask(
    model: LanguageModel,
    messages: tuple[Message, ...] = ASKED,
    schema: type[Frozen] = Drawing,
    *,
    max_tokens: int = 300,
) -> str:
    return "".join(model.complete(messages, schema, max_tokens=max_tokens))


def after(calls: int) -> Callable[[], bool]:
    """A ``cancelled`` that is true from its call number ``calls`` on, counted from 0."""
    asked = iter(range(10**6))
    return lambda: next(asked) >= calls


def story(turns: int) -> Iterator[tuple[tuple[Message, ...], type[Frozen]]]:
    """What a conversation asks: plan and caption in turn, the plan with a history that grows."""
    history: tuple[Message, ...] = (SYSTEM,)
    for turn in range(turns):
        history = (*history, Message("user", f"{turn}: 파란 목도리를 둘러 주세요, a blue scarf!"))
        yield history, Drawing
        yield (Message("system", "You write captions."), Message("user", f"hedgehog {turn}")), CaptionDraft
        history = (*history, Message("assistant", '{"what":"hedgehog"}'))


@pytest.mark.parametrize("seed", range(5))
def test_answers_always_fit_the_schema(make_model: Callable[..., Path], seed: int) -> None:
    model = TransformersModel("tiny", str(make_model(seed=seed)), device="cpu", threads=1)
    Drawing.model_validate_json(ask(model))
    caption = parse_caption(ask(model, schema=CaptionDraft, max_tokens=1300))
    assert 1 <= len(caption) <= 1200
    plan = ask(model, schema=Plan, max_tokens=800)
    assert model.last is not None
    if model.last.generated_tokens < 800:
        Plan.model_validate_json(plan)
    else:
        with pytest.raises(PlanError, match="no valid Plan"):
            parse_plan(plan)


def test_an_answer_that_is_cut_off_shows(model: TransformersModel) -> None:
    whole = ask(model, schema=Long, max_tokens=600)
    Long.model_validate_json(whole)
    part = ask(model, schema=Long, max_tokens=20)
    assert model.last is not None
    assert model.last.generated_tokens == 20
    assert whole.startswith(part)
    with pytest.raises(ValidationError):
        Long.model_validate_json(part)


def test_the_cache_and_forced_tokens_change_nothing(model: TransformersModel, folder: Path) -> None:
    plain = Plain(folder)
    reused = []
    for messages, schema in story(3):
        assert ask(model, messages, schema, max_tokens=60) == plain(messages, schema, 60)
        assert model.last is not None
        reused.append(model.last.reused_tokens / model.last.prompt_tokens)
    assert reused[0] == reused[1] == 0
    assert min(reused[2:]) > 0.5  # the other kind of question in between costs nobody the cache


@pytest.mark.parametrize("build", [sliding, recurrent])
def test_models_whose_cache_cannot_be_cut_back_are_right_too(
    make_model: Callable[..., Path], build: Callable[[int], PreTrainedModel]
) -> None:
    class Fixed(Frozen):
        what: Literal["hedgehog"]
        finished: bool

    folder = make_model(build)
    model, plain = TransformersModel("tiny", str(folder), device="cpu", threads=1), Plain(folder)
    for messages, schema in story(2):
        assert ask(model, messages, schema, max_tokens=30) == plain(messages, schema, 30)
        assert model.last is not None
        assert model.last.reused_tokens == 0
    answer = ask(model, schema=Fixed)
    going_on = (*ASKED, Message("assistant", answer), Message("user", "And a bear?"))
    assert ask(model, going_on) == plain(going_on, Drawing, 300)
    assert model.last is not None
    assert model.last.reused_tokens > 0


def test_the_same_question_gives_the_same_answer_and_reads_one_token(model: TransformersModel) -> None:
    first = ask(model)
    assert ask(model) == first
    assert model.last is not None
    assert model.last.reused_tokens == model.last.prompt_tokens - 1


def test_forced_tokens_cost_no_forward_pass_of_their_own(model: TransformersModel) -> None:
    ask(model)
    usage = model.last
    assert usage is not None
    assert usage.forced_tokens > usage.generated_tokens / 2
    assert usage.forward_passes == usage.generated_tokens - usage.forced_tokens - usage.guessed_tokens
    assert usage.reused_tokens == 0
    assert usage.seconds > 0


def test_pieces_come_while_it_writes_and_join_to_whole_characters(model: TransformersModel) -> None:
    passes = 0

    def count() -> bool:
        nonlocal passes
        passes += 1
        return False

    at = []
    pieces = []
    for piece in model.complete(ASKED, Long, max_tokens=100, cancelled=count):
        at.append(passes)
        pieces.append(piece)
    assert len(pieces) > 10
    assert at == sorted(set(at))
    assert "".join(pieces) == ask(model, schema=Long, max_tokens=100)
    assert all("�" not in piece for piece in pieces)


def test_characters_of_several_tokens_survive(model: TransformersModel) -> None:
    class Korean(Frozen):
        says: Literal["뷁 🦔 쀍 — “똠방각하”"]

    pieces = list(model.complete(ASKED, Korean, max_tokens=200))
    assert json.loads("".join(pieces)) == {"says": "뷁 🦔 쀍 — “똠방각하”"}
    for cut in range(1, 40):
        part = ask(model, schema=Korean, max_tokens=cut)
        assert "".join(pieces).startswith(part)


@pytest.mark.parametrize("calls", [0, 1, 3, 5])
def test_cancelling_leaves_the_next_answer_right(model: TransformersModel, folder: Path, calls: int) -> None:
    other = (*ASKED, Message("assistant", "{}"), Message("user", "a bear"))
    plain = Plain(folder)
    with pytest.raises(Cancelled):
        list(model.complete(ASKED, Long, max_tokens=50, cancelled=after(calls)))
    for messages in (other, ASKED):
        assert ask(model, messages, max_tokens=60) == plain(messages, Drawing, 60)


def test_a_long_prompt_can_be_cancelled_while_it_is_read(model: TransformersModel) -> None:
    long = (Message("user", "Larry " * 1200),)
    expected = ask(model, long)
    assert model.last is not None
    assert model.last.prompt_tokens > 1024
    model.close()
    with pytest.raises(Cancelled):
        list(model.complete(long, Drawing, max_tokens=100, cancelled=after(2)))
    assert model.last.forward_passes == 1
    assert ask(model, long) == expected
    assert model.last.reused_tokens == 512


def test_closing_an_answer_early_leaves_the_next_one_right(model: TransformersModel) -> None:
    expected = ask(model, schema=Long, max_tokens=30)
    answer = model.complete(ASKED, Long, max_tokens=30)
    assert expected.startswith(next(answer) + next(answer))
    answer.close()
    assert ask(model, schema=Long, max_tokens=30) == expected


def test_two_answers_at_the_same_time_do_not_mix(model: TransformersModel) -> None:
    questions = (ASKED, (SYSTEM, Message("user", "a bear")))
    expected = [ask(model, messages, Long, max_tokens=30) for messages in questions]
    both = [model.complete(messages, Long, max_tokens=30) for messages in questions]
    pieces = list(zip_longest(*both, fillvalue=""))
    assert len(pieces) > 3
    assert ["".join(told) for told in zip(*pieces, strict=True)] == expected


def test_a_failure_in_the_model_leaves_the_next_answer_right(model: TransformersModel) -> None:
    expected = ask(model, schema=CaptionDraft, max_tokens=30)
    network = model._loaded.decoder.model  # there is no other way to make one fail
    last_layer = network.model.layers[-1]
    hook = last_layer.register_forward_pre_hook(lambda *_: torch.empty(2**60, dtype=torch.uint8))
    with pytest.raises(ModelError, match="not enough memory") as failure:
        ask(model, (*ASKED, Message("user", "more")))
    assert failure.value.hint
    hook.remove()
    assert ask(model, schema=CaptionDraft, max_tokens=30) == expected
    with torch.no_grad():
        network.lm_head.weight.fill_(float("nan"))
    with pytest.raises(ModelError, match="numbers are broken"):
        ask(model)


def test_a_prompt_that_is_too_long_is_an_error(folder: Path) -> None:
    model = TransformersModel("tiny", str(folder), device="cpu", context=60)
    with pytest.raises(ModelError, match="tiny takes 60 with the answer") as failure:
        ask(model)
    assert failure.value.hint
    short = (Message("user", "Draw a hedgehog"),)
    part = ask(model, short, Long, max_tokens=300)
    assert model.last is not None
    assert model.last.prompt_tokens + model.last.generated_tokens == 60
    with pytest.raises(ValidationError):
        Long.model_validate_json(part)


def test_a_context_that_the_model_was_not_made_for_is_an_error(folder: Path) -> None:
    with pytest.raises(ModelError, match="made for a context of 1500 tokens, not 4000"):
        TransformersModel("tiny", str(folder), device="cpu", context=4000).load()


def test_template_variables_reach_the_template(folder: Path) -> None:
    def prompt_tokens(**variables: object) -> int:
        model = TransformersModel("tiny", str(folder), device="cpu", template_kwargs=variables)
        ask(model)
        assert model.last is not None
        return model.last.prompt_tokens

    assert prompt_tokens(mood="kind") > prompt_tokens()


def test_a_template_that_refuses_the_messages_is_an_error(tmp_path: Path, folder: Path) -> None:
    refused = tmp_path / "refused"
    refused.mkdir()
    for file in folder.iterdir():
        (refused / file.name).symlink_to(file)
    (refused / "chat_template.jinja").unlink()
    (refused / "chat_template.jinja").write_text("{{ raise_exception('no system messages') }}")
    with pytest.raises(ModelError, match="no system messages"):
        ask(TransformersModel("tiny", str(refused), device="cpu"))


def test_it_loads_once_and_can_be_closed_twice(model: TransformersModel) -> None:
    model.load()
    loaded = model._loaded
    model.load()
    assert model._loaded is loaded
    expected = ask(model)
    model.close()
    model.close()
    assert model._loaded is None
    assert ask(model) == expected


def test_closing_while_it_loads_does_not_wait_and_keeps_nothing(
    folder: Path, model: TransformersModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    load = transformers_engine.load_model

    def slow(folder: Path, **options: Any) -> PreTrainedModel:
        begun.set()
        assert go_on.wait(20)
        return load(folder, **options)

    monkeypatch.setattr(transformers_engine, "load_model", slow)
    loading = TransformersModel("tiny", str(folder), device="cpu")
    answers: list[str] = []
    asking = threading.Thread(target=lambda: answers.append(ask(loading)))
    asking.start()
    assert begun.wait(20)
    closing = threading.Thread(target=loading.close, daemon=True)
    closing.start()
    closing.join(10)
    waited = closing.is_alive()
    go_on.set()
    asking.join(20)
    assert not waited, "closing waits for the weights"
    assert loading._loaded is None
    assert answers == [ask(model)], "whoever asked before gets the answer"


def test_threads_are_set_when_it_loads_and_not_before(folder: Path) -> None:
    torch.set_num_threads(2)
    model = TransformersModel("tiny", str(folder), device="cpu", threads=1)
    assert torch.get_num_threads() == 2
    model.load()
    assert torch.get_num_threads() == 1
    torch.set_num_threads(2)
    TransformersModel("tiny", str(folder), device="cpu").load()
    assert torch.get_num_threads() == 2


def test_importing_the_engine_imports_no_heavy_library() -> None:
    heavy = "{'torch', 'transformers', 'llguidance', 'huggingface_hub'}"
    program = f"import sys, chatdraw.llm.transformers_engine; print(sorted({heavy} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize(("asked", "expected"), [(None, {1}), (3, {3})])
def test_a_tiny_model_uses_one_thread_unless_more_are_asked_for(
    folder: Path, asked: int | None, expected: set[int]
) -> None:
    model = TransformersModel("tiny", str(folder), threads=asked)
    model.load()
    torch.set_num_threads(2)
    seen: set[int] = set()
    hook = model._loaded.decoder.model.register_forward_pre_hook(lambda *_: seen.add(torch.get_num_threads()))
    with hook:
        ask(model)
        model.complete_batch([Call(ASKED, Drawing, 20), Call((SYSTEM, *ASKED[1:]), Drawing, 20)])
    assert seen == expected
    assert torch.get_num_threads() == 2, "the pictures have as many as before"
