"""The writer's tokenizer: whole words that are common, letters for everything else, syllables for Korean.

Names are what the writer must copy, and it copies best what is spelled the same everywhere. So the vocabulary is a list
of frequent words (each with and without the space before it) and of the runs of punctuation that JSON consists of.
Any other word, and every name, falls apart into its bytes, after a space exactly as after a quotation mark. Nothing is
ever unknown.

A Korean word carries its particles and endings, so that there are too many forms to list all of them, and a syllable is
three bytes. The most frequent forms are words like any other; every syllable of the Korean phrase files, but for those
of names kept for measuring alone, is one token, made by the only merges there are: of its first two bytes, and of those
with the third. Other syllables are two or three tokens.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from typing import Any

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from training.conversations.korean_names import known_korean_names
from training.conversations.names import known_names
from training.conversations.phrases import FOLDER, PHRASE_FILES, kept, read_words

END, PAD = "<|end|>", "<|pad|>"
ROLES = ("<|system|>", "<|user|>", "<|assistant|>")
SPECIAL = (PAD, END, *ROLES)

PIECES = (
    r" ?[\p{L}\p{M}_]+(?:'(?!s\b)\p{L}+)?"  # a word, with the space before it; "don't" is one, "Larry's" is two
    r"|'\p{L}+"
    r"|\p{N}"
    r'| ?[^\s\p{L}\p{M}\p{N}{}\[\]":,_]'
    r'|[{}\[\]":,]+'  # what JSON is made of
    r"|\s"
)

HANGUL = re.compile("[가-힣]")
"""One Korean syllable."""

PARTS, LEAST = 5, 2
"""A word becomes a token only if it comes up so often in each of so many parts of the texts; made-up words do not."""

CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] }}"
    "{% if message['role'] == 'assistant' %}{{ '<|end|>' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def build_tokenizer(texts: Iterable[str], size: int, context: int) -> PreTrainedTokenizerFast:
    """A tokenizer whose words are the most frequent of ``texts``, but for names and the open words of the phrase files.

    Args:
        texts: prompts and answers as they are trained on.
        size: number of tokens in all; special tokens, the 256 bytes and the Korean syllables are among them.
        context: longest sequence of the model, in tokens.

    Raises:
        ValueError: ``size`` is too small for what is always among the tokens.
    """
    pieces = _pieces()
    parts = [Counter[str]() for _ in range(PARTS)]
    all_texts = list(texts)
    for number, text in enumerate(all_texts):
        # Consecutive texts share a conversation and its names; parts are therefore runs of texts.
        parts[number * PARTS // len(all_texts)].update(piece for piece, _ in pieces.pre_tokenize_str(text))
    spelled, korean_names = spelled_out(), tuple(known_korean_names())
    readable = decoders.ByteLevel()
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = syllable_merges()
    fixed = [*SPECIAL, *letters, *(first + second for first, second in merges)]
    if size < len(fixed):
        raise ValueError(f"a vocabulary of {size} tokens has no room for the {len(fixed)} that every one has")
    always = frozenset(fixed)
    words = [
        word
        for word, _ in sum(parts, Counter[str]()).most_common()
        if word not in always
        and min(part[word] for part in parts) >= LEAST
        and readable.decode([word]).strip() not in spelled
        and not readable.decode([word]).strip().startswith(korean_names)
    ]
    vocabulary = [*fixed, *words[: size - len(fixed)]]
    model = models.BPE(
        vocab={word: number for number, word in enumerate(vocabulary)}, merges=merges, ignore_merges=True
    )
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pieces
    tokenizer.decoder = decoders.ByteLevel()
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END,
        pad_token=PAD,
        additional_special_tokens=list(ROLES),
        model_max_length=context,
        clean_up_tokenization_spaces=False,
    )
    wrapped.chat_template = CHAT_TEMPLATE
    return wrapped


def spelled_out() -> frozenset[str]:
    """Words that never become tokens: names, and open words unless the phrase files say them by themselves."""
    lists: dict[str, Any] = read_words()["open"]
    open_words = {part for entries in lists.values() for entry in entries for part in re.findall(r"\w+", entry)}
    said = {word for file in PHRASE_FILES for word in re.findall(r"\w+", (FOLDER / f"{file}.toml").read_text("utf-8"))}
    closed = {key: value for key, value in read_words().items() if key != "open"}
    said |= set(re.findall(r"\w+", str(closed)))
    names = {part for name in known_names() for part in re.findall(r"\w+", name)}
    folded = {word.casefold() for word in said}
    hidden = {word for word in open_words if word.casefold() not in folded}
    forms = {form for word in hidden for form in (word, word.casefold(), word.capitalize(), word.upper())}
    lower = {name.casefold() for name in names} - folded
    return frozenset(forms | names | lower | {name.upper() for name in names})


def syllables() -> list[str]:
    """The Korean syllables of the phrase files and of the names that training shows, in alphabetical order."""
    found: set[str] = set()
    for file in sorted((FOLDER / "ko").glob("*.toml")):
        document = tomllib.loads(file.read_text(encoding="utf-8"))
        if file.stem == "names":
            document["names"] = [name for name in known_korean_names() if not kept(name)]
        found.update(HANGUL.findall(str(document)))
    return sorted(found)


def syllable_merges() -> list[tuple[str, str]]:
    """The merges that make one token of each syllable of :func:`syllables`, those of first bytes first."""
    level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    # In the letters that stand for bytes there is one for each of the three.
    spelled = [level.pre_tokenize_str(syllable)[0][0] for syllable in syllables()]
    return [*dict.fromkeys((s[0], s[1]) for s in spelled), *((s[:2], s[2]) for s in spelled)]


def _pieces() -> pre_tokenizers.PreTokenizer:
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECES), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
