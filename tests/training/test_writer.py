"""The writer's tokenizer, batches, network and training, in miniature."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast

from training.conversations.examples import examples
from training.conversations.korean_names import known_korean_names
from training.conversations.names import known_names
from training.runner import Run
from training.settings import Settings, SettingsError
from training.writer import Training, WriterSettings, export, train
from training.writer_card import card
from training.writer_data import (
    OPENING,
    OPENING_WEIGHT,
    PLACES,
    REPLY_WEIGHT,
    STEP,
    batches,
    encode,
    prompt_text,
    word_texts,
)
from training.writer_model import Shape, WriterModel, _Entropy
from training.writer_tokenizer import END, build_tokenizer, spelled_out

TINY = WriterSettings(
    width=32, depth=2, heads=2, hidden=64, batch_tokens=1024, warm_up=2, count_words_in=600, rate_others=1e-2
)


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return build_tokenizer(word_texts(5, 1500), 2000, 512)


def pieces(tokenizer: PreTrainedTokenizerFast, text: str) -> list[str]:
    return tokenizer.convert_ids_to_tokens(tokenizer(text)["input_ids"])


# --- the tokenizer ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Larry", "Zubako", "J.J.", "O'Malley", "Zoë", "래리", "Mr Pim", "xk-7"])
def test_a_name_is_spelled_the_same_in_every_place(tokenizer: PreTrainedTokenizerFast, name: str) -> None:
    alone = pieces(tokenizer, name)
    for before, after in (('"who":"', '","trait"'), ("on ", ": cat"), ("\n", "\n"), ("call him ", ""), ("(", ")")):
        found = [piece for piece in pieces(tokenizer, before + name + after) if piece != "Ġ"]
        spelled = [piece for piece in alone if piece != "Ġ"]
        assert any(found[at : at + len(spelled)] == spelled for at in range(len(found))), (before, found)


def test_names_are_spelled_in_letters_and_common_words_are_whole(tokenizer: PreTrainedTokenizerFast) -> None:
    assert pieces(tokenizer, "Larry") == list("Larry")
    assert pieces(tokenizer, " the hedgehog") == ["Ġthe", "Ġhedgehog"]
    assert pieces(tokenizer, 'set_trait","who":"') == ["set_trait", '","', "who", '":"']
    words = {word.removeprefix("Ġ") for word in tokenizer.get_vocab()}
    assert not words & known_names()
    assert {"unicorn", "guitar"} <= spelled_out()
    assert "hedgehog" not in spelled_out()


def test_common_korean_words_are_whole_and_names_fall_apart(tokenizer: PreTrainedTokenizerFast) -> None:
    def readable(text: str) -> list[str]:
        return [tokenizer.decode([token]) for token in tokenizer(text)["input_ids"]]

    assert readable("나 뽀롱 있어요") == ["나", " ", "뽀", "롱", " 있어요"]
    assert readable("래리는 두부를 좋아해")[:7] == ["래", "리", "는", " ", "두", "부", "를"]
    words = {tokenizer.decode([token]).strip() for token in range(len(tokenizer))}
    assert not {word for word in words if len(word) > 1 and word.startswith(known_korean_names())}


def test_every_token_has_a_place_of_its_own(tokenizer: PreTrainedTokenizerFast) -> None:
    assert sorted(tokenizer.get_vocab().values()) == list(range(len(tokenizer)))


@pytest.mark.parametrize(
    "text",
    ["안녕하세요, 래리!", "❤ 😊", "tabs\tand\n\nlines", 'a "quoted" \\ word', "  two  spaces ", "naïve Ångström", "İ"],
)
def test_any_text_survives(tokenizer: PreTrainedTokenizerFast, text: str) -> None:
    assert tokenizer.decode(tokenizer(text)["input_ids"]) == text
    assert tokenizer.unk_token_id is None


def test_the_chat_template_is_what_is_trained_on(tokenizer: PreTrainedTokenizerFast) -> None:
    found = list(itertools.islice(examples(4), 400))
    assert any(len(example.messages) == 4 for example in found)
    for example in found:
        chat = [{"role": message.role, "content": message.content} for message in example.messages]
        assert tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True) == prompt_text(example)


def test_the_words_of_a_tokenizer_do_not_depend_on_chance() -> None:
    texts = word_texts(5, 300)
    assert build_tokenizer(texts, 1700, 64).get_vocab() == build_tokenizer(iter(texts), 1700, 64).get_vocab()


# --- batches ----------------------------------------------------------------------------------


def test_only_the_answer_is_learnt(tokenizer: PreTrainedTokenizerFast) -> None:
    found = list(itertools.islice(examples(4), 200))
    for example, chat in zip(found, encode(tokenizer, found), strict=True):
        learnt = chat.ids[-len(chat.weights) :]
        assert tokenizer.decode(learnt) == example.answer + END
        assert tokenizer.decode(chat.ids) == prompt_text(example) + example.answer + END


def test_replies_weigh_less_than_edits(tokenizer: PreTrainedTokenizerFast) -> None:
    plain = next(e for e in examples(4) if '"edits":[{' in e.answer and '"reply":"' in e.answer)
    (chat,) = encode(tokenizer, [plain])
    weights = dict(zip(chat.ids[-len(chat.weights) :], chat.weights, strict=True))
    assert weights[tokenizer.convert_tokens_to_ids("op")] == 1.0
    assert weights[tokenizer.convert_tokens_to_ids(END)] == 1.0
    first = plain.answer.index('"reply":"') + len('"reply":"')
    places = tokenizer(plain.answer, return_offsets_mapping=True)["offset_mapping"]
    assert [weight < 1 for weight in chat.weights[:-1]] == [start >= first for start, _ in places]
    said = [weight for weight in chat.weights if weight < 1]
    assert said == [OPENING_WEIGHT] * OPENING + [REPLY_WEIGHT] * (len(said) - OPENING)


def test_batches_hold_whole_chats_in_few_shapes(tokenizer: PreTrainedTokenizerFast) -> None:
    found = list(itertools.islice(batches(tokenizer, 3, 1024, 128), 20))
    assert {batch.ids.shape[1] % STEP for batch in found} == {0}
    assert max(batch.ids.shape[1] for batch in found) <= 128
    assert len({tuple(batch.ids.shape) for batch in found}) <= 128 // STEP
    for batch in found:
        assert len(batch.where) % PLACES == 0
        assert batch.ids.numel() <= 1024
        assert float(batch.weights.sum()) == pytest.approx(1.0, abs=1e-5)
        following = batch.ids.flatten()[batch.where[batch.weights > 0] + 1]
        assert torch.equal(following, batch.wanted[batch.weights > 0])


def test_the_same_seed_gives_the_same_batches(tokenizer: PreTrainedTokenizerFast) -> None:
    first, second = (next(batches(tokenizer, 3, 1024, 128)).ids for _ in range(2))
    assert torch.equal(first, second)
    assert not torch.equal(first, next(batches(tokenizer, 4, 1024, 128)).ids)


# --- the network ------------------------------------------------------------------------------


def test_the_network_is_transformers_llama(tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = WriterModel(Shape(len(tokenizer), 32, 2, 2, 64, 512))
    for parameter in model.parameters():
        # As they start, the weights are so small that a mistake in attention would not be seen.
        parameter.data = (parameter.data * 8).half().float()
    export(model, tokenizer, tmp_path)
    loaded = AutoModelForCausalLM.from_pretrained(tmp_path, dtype=torch.float32)
    ids = torch.randint(0, len(tokenizer), (3, 40))
    with torch.no_grad():
        ours = model(ids, torch.arange(120)).view(3, 40, -1)
        theirs = loaded(ids).logits
    assert torch.allclose(ours, theirs, atol=2e-3)
    assert float(theirs.std()) > 0.1


def test_what_comes_later_is_not_seen() -> None:
    torch.manual_seed(0)
    model = WriterModel(Shape(50, 32, 2, 2, 64, 64))
    ids = torch.randint(0, 50, (1, 20))
    changed = ids.clone()
    changed[0, 12:] = 1
    with torch.no_grad():
        before, after = (model(each, torch.arange(20)) for each in (ids, changed))
    assert torch.allclose(before[:12], after[:12], atol=1e-6)
    assert not torch.allclose(before[12:], after[12:], atol=1e-3)


def test_the_folder_has_all_that_others_need(tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    export(WriterModel(Shape(len(tokenizer), 32, 2, 2, 64, 512)), tokenizer, tmp_path)
    names = {file.name for file in tmp_path.iterdir()}
    assert {"config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json"} <= names
    assert all(file.stat().st_size <= 15e6 for file in tmp_path.glob("*.safetensors"))
    again = AutoTokenizer.from_pretrained(tmp_path)
    chat = [{"role": "system", "content": "plan"}, {"role": "user", "content": "say hello"}]
    assert again.apply_chat_template(chat, tokenize=False, add_generation_prompt=True) == (
        "<|system|>plan<|user|>say hello<|assistant|>"
    )
    assert again("Larry the hedgehog")["input_ids"] == tokenizer("Larry the hedgehog")["input_ids"]
    assert json.loads((tmp_path / "config.json").read_text())["eos_token_id"] == again.eos_token_id
    answer = AutoModelForCausalLM.from_pretrained(tmp_path).generate(
        torch.tensor([[3, 4, 5]]), attention_mask=torch.ones(1, 3), max_new_tokens=4
    )
    assert answer.shape[1] <= 7


# --- training ---------------------------------------------------------------------------------


class Ticking:
    """A clock that goes on by a second whenever somebody looks."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        self.seconds += 1.0
        return self.seconds


def test_the_loss_falls_and_training_goes_on_where_it_stopped(tmp_path: Path) -> None:
    def losses(training: Training, steps: int) -> list[float]:
        source = training._batches()
        return [training._learn(next(source)) for _ in range(steps)]

    run = Run("writer", tmp_path, 1, device="cpu", now=Ticking())
    training = Training(TINY, run)
    found = losses(training, 40)
    assert sum(found[-5:]) < 0.75 * sum(found[:5])

    training.step, training.samples = 40, 1000
    training.save()
    again = Training(TINY, Run("writer", tmp_path, 1, device="cpu"))
    assert (again.step, again.samples) == (40, 1000)
    assert sum(losses(again, 3)) / 3 < 0.75 * found[0]


def test_a_run_leaves_a_checkpoint_and_a_folder(tmp_path: Path) -> None:
    table = {"width": 32, "depth": 1, "heads": 2, "hidden": 32, "batch_tokens": 512, "count_words_in": 300}
    settings = Settings(tables={"writer": {**table, "folder": str(tmp_path / "out")}})
    run = Run("writer", tmp_path / "runs", 0.3, device="cpu", now=Ticking())
    train(settings, run, 0.3)
    assert (run.folder / "checkpoint.pt").exists()
    assert "Storybook writer" in (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert (tmp_path / "out" / "model.safetensors").exists()


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(SettingsError, match="width"):
        Settings(tables={"writer": {"widht": 3}}).section("writer", WriterSettings)


def test_the_card_says_what_was_done() -> None:
    text = card(Shape(1000, 192, 6, 4, 512, 512), examples=123_456, seconds=5100, device="cpu")
    assert "123,456 chats" in text
    assert "85 minutes on a server CPU" in text
    assert "2.8 million" in text


@pytest.mark.parametrize("half", [False, True])
def test_the_loss_is_the_weighted_cross_entropy_with_its_gradients(half: bool) -> None:
    torch.manual_seed(0)
    model = WriterModel(Shape(300, 32, 2, 2, 64, 64))
    for parameter in model.parameters():
        parameter.data *= 5
    count = _Entropy.PORTION + 77
    ids, where = torch.randint(0, 300, (20, 32)), torch.arange(count)
    wanted, weights = torch.randint(0, 300, (count,)), torch.rand(count)
    kind = torch.autocast("cpu", dtype=torch.bfloat16, enabled=half)
    with kind:
        logits = model(ids, where)
    plain = (F.cross_entropy(logits.float(), wanted, reduction="none") * weights).sum()
    (plain * 3).backward()
    gradients = [parameter.grad for parameter in model.parameters()]
    model.zero_grad()
    with kind:
        loss = model.loss(ids, where, wanted, weights)
    (loss * 3).backward()
    assert float(loss.detach()) == pytest.approx(float(plain.detach()), rel=1e-2 if half else 1e-5)
    for parameter, gradient in zip(model.parameters(), gradients, strict=True):
        assert gradient is not None
        assert parameter.grad is not None
        assert float((parameter.grad - gradient).norm()) < (0.05 if half else 1e-4) * float(gradient.norm())


def test_compiled_layers_compute_the_same() -> None:
    torch.manual_seed(0)
    model = WriterModel(Shape(300, 32, 2, 2, 64, 64))
    ids = [torch.randint(0, 300, (3, length)) for length in (16, 32, 48)]
    with torch.no_grad():
        plain = [model(each, torch.arange(20)) for each in ids]
    names = list(model.state_dict())
    for layer in model.model.layers:
        # This one needs no compiler, and goes the same way otherwise.
        layer.compile(dynamic=True, backend="aot_eager")
    assert list(model.state_dict()) == names
    with torch.no_grad():
        for each, before in zip(ids, plain, strict=True):
            assert torch.allclose(model(each, torch.arange(20)), before, atol=1e-5)


def test_half_precision_agrees_with_full(tokenizer: PreTrainedTokenizerFast) -> None:
    torch.manual_seed(0)
    model = WriterModel(Shape(len(tokenizer), 64, 2, 2, 128, 512))
    batch = next(batches(tokenizer, 3, 1024, 128))
    with torch.no_grad():
        full = model.loss(batch.ids, batch.where, batch.wanted, batch.weights)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            half = model.loss(batch.ids, batch.where, batch.wanted, batch.weights)
    assert float(half) == pytest.approx(float(full), rel=0.01)
