"""Whether a character stays who it is: whole conversations with the program, its pictures read back.

Simulated conversations of eight messages about one main character, who may be joined by others, go away and come back,
are held with the program as it is, language model, memory, captions and painter, from what it made of the messages
before. After each message that asks for a picture with the main character in it, the recogniser reads the picture:
kind, colour, what is worn and held and in which colours, as far as the true story has said them by then and the world
can draw them. Beside it stands what the same painter makes of the same messages given to it directly, with the seeds
of the program's pictures.

Where several are in a picture, the one who has most of the main character's traits is taken for it, on both sides.
Messages for which the program draws nothing are counted by themselves: there is nothing to compare. Intervals are
those of whole conversations (:func:`evals.figures.clustered`).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chatdraw.conversation import Conversation
from chatdraw.errors import RenderError
from chatdraw.events import Rendered
from chatdraw.records import RenderRequest
from chatdraw.render.base import Finished, Renderer
from chatdraw.scene import Character
from evals.captioned import draws
from evals.figures import Figure, clustered
from evals.languages import LANGUAGES, Language, language_of_all
from training.conversations import lexicon
from training.conversations.simulator import SimulatedTurn, held_out_conversations
from training.conversations.vocabulary import noun_of
from training.world.spec import COLOURS, FIXED_COLOUR, KINDS, MOST_CHARACTERS, SLOTS
from training.world.stating import NONE

if TYPE_CHECKING:
    from PIL.Image import Image

TURNS: Final = 8
PRESENT: Final = 6
"""After so many of the messages, at least, the main character is on stage."""
FIRST_SEED: Final = 70_000_001

Attributes = Mapping[str, str]
Reader = Callable[[Sequence["Image"]], Sequence[Attributes]]
"""Reads pictures in the form of ``attribute_values``: ``Recogniser.read``."""
Kept = dict[str, list[bool]]
"""What was asked of a picture -> the answers."""

ASKED: Final = ("kind", "colour", "worn item", "worn colour", "held item", "held colour")


@dataclass(frozen=True, slots=True)
class Story:
    """A conversation about one main character."""

    turns: tuple[SimulatedTurn, ...]
    main: str
    """Id of the character."""

    @property
    def language(self) -> Language:
        """Of most of the messages."""
        return language_of_all(turn.message for turn in self.turns)


@dataclass(frozen=True, slots=True)
class Told:
    """What a story came to: for each picture that was due, in order."""

    language: Language
    drawn: list[bool]
    """Whether the program drew it."""
    program: list[Kept]
    """Of each picture that was drawn, as is ``directly``."""
    directly: list[Kept]


def stories(first_seed: int = FIRST_SEED, spoken: lexicon.Language | None = None) -> Iterator[Story]:
    """Held-out stories, without end; in one language or, with ``None``, in both."""
    for seed in itertools.count(first_seed):
        (conversation,) = held_out_conversations(1, seed, unseen_phrasings=True, language=spoken)
        turns = conversation[:TURNS]
        main = main_character(turns)
        if len(turns) == TURNS and main is not None:
            yield Story(turns, main)


def main_character(turns: Sequence[SimulatedTurn]) -> str | None:
    """Id of the character with whom the story begins and who is mostly there, if it is one of the painter's kinds."""
    staged = [turn.after for turn in turns if turn.after.stage]
    if not staged or len(staged[0].stage) != 1:
        return None
    main = staged[0].visible()[0]
    there = [scene.by_id(main.id) for scene in staged if main.id in scene.stage]
    # Whoever goes back to before the beginning may begin with somebody else.
    same = all(character.kind == main.kind for character in there)
    return main.id if same and len(there) >= PRESENT and main.kind in KINDS else None


def expected(character: Character) -> dict[str, str]:
    """What can be asked about a character, as the recogniser names it, without the place: ``neckwear colour``."""
    found = {"kind": character.kind}
    colour = character.trait("colour")
    if colour in COLOURS:
        found["colour"] = colour
    asleep = character.trait("pose") == "sleeping"
    for slot, things in SLOTS.items():
        value = character.trait(slot)
        # Who sleeps is drawn with closed eyes and empty hands.
        if value is None or (asleep and slot in ("eyewear", "holding")):
            continue
        noun = noun_of(value)
        if noun in things:
            found[slot] = noun
            colour = value.removesuffix(noun).strip()
            if colour in COLOURS and noun not in FIXED_COLOUR:
                found[f"{slot} colour"] = colour
    return found


def kept(traits: Attributes, picture: Attributes) -> Kept:
    """Which of a character's traits can be seen of whoever has most of them in the picture."""
    places = [place for place in range(1, MOST_CHARACTERS + 1) if picture[f"kind {place}"] != NONE]
    answers = [{name: picture[f"{name} {place}"] == value for name, value in traits.items()} for place in places]
    best = max(answers, key=lambda found: sum(found.values()), default=dict.fromkeys(traits, False))
    outcomes: Kept = {name: [] for name in ASKED}
    for name, outcome in best.items():
        outcomes[_asked(name)].append(outcome)
    return outcomes


def _asked(name: str) -> str:
    slot = name.removesuffix(" colour")
    if slot not in SLOTS:
        return name
    return f"{'held' if slot == 'holding' else 'worn'} {'item' if slot == name else 'colour'}"


def told(story: Story, conversation: Conversation, renderer: Renderer, read: Reader) -> Told:
    """Holds the conversation, draws the messages directly, and reads all the pictures."""
    due: list[bool] = []
    traits: list[dict[str, str]] = []
    images: list[tuple[Image, Image]] = []
    for turn in story.turns:
        image = _last_image(conversation, turn.message)
        if not (draws(turn.plan) and story.main in turn.after.stage):
            continue
        due.append(image is not None)
        if image is not None and (picture := conversation.latest_picture) is not None:
            traits.append(expected(turn.after.by_id(story.main)))
            direct = drawn_directly(renderer, turn.message, picture.request.seed)
            images.append((image, direct))
    readings = iter(read([image for pair in images for image in pair]))
    answers = [[kept(own, next(readings)) for _ in range(2)] for own in traits]
    return Told(story.language, due, [first for first, _ in answers], [second for _, second in answers])


def _last_image(conversation: Conversation, message: str) -> Image | None:
    image = None
    for event in conversation.say(message):
        if isinstance(event, Rendered):
            image = event.image
    return image


def drawn_directly(renderer: Renderer, caption: str, seed: int) -> Image:
    """A picture of these words, drawn as the program draws a person's own: once, and by the painter alone.

    Raises:
        RenderError: it cannot be drawn.
    """
    abilities = renderer.abilities
    request = RenderRequest(
        caption=caption,
        seed=seed,
        width=abilities.width,
        height=abilities.height,
        steps=abilities.steps,
        guidance=abilities.guidance,
        model=renderer.name,
        revision=renderer.revision,
    )
    for item in renderer.render(request):
        if isinstance(item, Finished):
            return item.image
    raise RenderError(f"{renderer.name} ended without a picture.")


def consistency_figures(prefix: str, found: Iterable[Told], step: Callable[[], None] = lambda: None) -> list[Figure]:
    """The shares of traits that are kept, of all stories and of those in each language.

    An interruption from the keyboard ends it with the figures of the stories that are told.
    """
    all_of_them: list[Told] = []
    with suppress(KeyboardInterrupt):
        for one in found:
            all_of_them.append(one)
            step()
    figures = _shares(prefix, all_of_them)
    for language in LANGUAGES:
        own = [one for one in all_of_them if one.language == language]
        if own:
            figures += _shares(f"{prefix}/{language}", own)
    return figures


def _shares(prefix: str, found: Sequence[Told]) -> list[Figure]:
    figures = [clustered(f"{prefix}/a picture where one is due", [one.drawn for one in found])]
    for name in ("program", "directly"):
        pictures: list[list[Kept]] = [one.program if name == "program" else one.directly for one in found]
        for asked in ASKED:
            outcomes = [[outcome for picture in own for outcome in picture[asked]] for own in pictures]
            figures.append(clustered(f"{prefix}/{name}: {asked}", outcomes))
        every = [[outcome for picture in own for part in picture.values() for outcome in part] for own in pictures]
        figures.append(clustered(f"{prefix}/{name}: all traits", every))
        whole = [[all(itertools.chain(*picture.values())) for picture in own] for own in pictures]
        figures.append(clustered(f"{prefix}/{name}: pictures with every trait", whole))
    return figures
