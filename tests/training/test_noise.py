"""How simulated messages are typed: mistakes as fingers make them, and what must be spared."""

from __future__ import annotations

import random
import re

from training.conversations.noise import disturb
from training.conversations.vocabulary import shield, unshield

MESSAGE = "could you please give the little hedgehog a red balloon and take his umbrella away, it's raining"


def typed(message: str, count: int = 4000) -> list[str]:
    return [unshield(disturb(random.Random(seed), message)) for seed in range(count)]


def words(message: str) -> set[str]:
    return set(re.findall(r"[a-z']+", message.casefold()))


def test_a_tenth_or_a_bit_more_of_the_messages_has_a_mistake() -> None:
    fillers = {"um", "just", "maybe", "uh", "actually", "really", "perhaps", "simply", "quickly"}
    knowingly = {"u", "plss", "pls", "plz", "pleas", "pleaseee", "plsss", "cud", "n", "nd", "lil", "lil'", "da", "its"}
    odd = [m for m in typed(MESSAGE) if words(m) - words(MESSAGE) - fillers - knowingly]
    assert 0.08 < len(odd) / 4000 < 0.2


def test_people_write_short_forms_and_common_misspellings() -> None:
    written = typed(MESSAGE)
    for form in ("pls", "could u", "baloon", "unbrella", " its raining", "lil ", "😊", "  "):
        assert any(form in message for message in written), form


def test_a_finger_hits_keys_on_every_side() -> None:
    written = {m.casefold().rstrip(" .!?~,") for m in typed("flag", 60000)}
    assert {"flqg", "flwg", "flsg", "flzg", "fag", "flag", "fkag", "flsag", "flagg", "fla"} <= written
    assert not {"flpg", "glag", "lfag", "lag"} & written


def test_a_name_keeps_its_letters_and_its_apostrophe() -> None:
    message = f"please put {shield('Please Andy')}'s hat on the bear, it's {shield('Could')}"
    for written in typed(message):
        # A message in capitals or small letters has the name in them too, where it can be told from that.
        assert re.search(r"please andy's", written, re.IGNORECASE)
        assert re.search(r"\bcould\b", written, re.IGNORECASE)
