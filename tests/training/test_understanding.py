"""What the painter's tokens have to name: whose they are and what is there, taken from the drawing's own layout."""

from __future__ import annotations

from dataclasses import replace

import torch
from PIL import ImageChops

from training.data import spec_and_random
from training.understanding import ATTRIBUTES, Figures, Readings, ownership, reading_loss
from training.world.draw import draw
from training.world.spec import SLOTS, attribute_values


def test_figures_know_every_character() -> None:
    specs = [spec_and_random(index)[0] for index in range(40)]
    figures = Figures(specs)
    for index, spec in enumerate(specs):
        values = attribute_values(spec)
        assert int((figures.places[index, :, 2] > 0).sum()) == len(spec.characters)
        for place in range(len(spec.characters)):
            named = [
                names[int(number)]
                for names, number in zip(ATTRIBUTES.values(), figures.classes[index, place], strict=True)
            ]
            assert named == [values[f"{name} {place + 1}"] for name in ATTRIBUTES]


def test_attributes_are_all_that_a_character_has() -> None:
    values = attribute_values(spec_and_random(0)[0])
    assert set(ATTRIBUTES) == {name[:-2] for name in values if name.endswith(" 1")}
    assert {f"{slot} colour" for slot in SLOTS} < set(ATTRIBUTES)


def test_places_are_where_the_characters_are_drawn() -> None:
    """What changes when a lone character changes its colour lies in its square."""
    specs = [spec_and_random(index)[0] for index in range(12)]
    figures = Figures(specs)
    for index, spec in enumerate(specs):
        if len(spec.characters) > 1 or spec.style not in ("picture book", "sticker"):
            continue
        other = "blue" if spec.main.colour != "blue" else "red"
        changed = replace(spec, characters=(replace(spec.main, colour=other),))
        box = ImageChops.difference(*(draw(one, spec_and_random(index)[1], 128) for one in (spec, changed))).getbbox()
        assert box is not None
        x, y, half = (float(value) * 128 for value in figures.places[index, 0])
        assert x - half - 4 <= box[0]
        assert box[2] <= x + half + 4
        assert y - half - 4 <= box[1]
        assert box[3] <= y + half + 4


def test_a_token_belongs_to_whom_it_is_nearest() -> None:
    places = torch.tensor([[[0.25, 0.5, 0.2], [0.75, 0.5, 0.2], [0.0, 0.0, 0.0]]])
    owned = ownership(places, 8).reshape(1, 3, 8, 8)
    assert bool((owned[0, 0, :, 4:] == 0).all())
    assert bool((owned[0, 1, :, :4] == 0).all())
    assert owned[0, 0, 4, 2] > 0.6
    assert owned[0, 1, 3, 5] > 0.6
    assert owned[0, 0, 0, 0] == 0
    assert bool((owned[0, 2] == 0).all())


def test_readings_learn_what_tokens_show() -> None:
    torch.manual_seed(0)
    specs = [spec_and_random(index)[0] for index in range(16)]
    figures = Figures(specs)
    tokens = torch.randn(16, 64, 32)
    readings = Readings(32)
    optimizer = torch.optim.Adam(readings.parameters(), lr=0.03)
    losses = []
    for _ in range(60):
        loss = reading_loss(readings(tokens), figures.places, figures.classes)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]


def test_pictures_without_anybody_cost_nothing() -> None:
    logits = torch.randn(2, 64, sum(map(len, ATTRIBUTES.values())))
    classes = torch.zeros(2, 3, len(ATTRIBUTES), dtype=torch.int16)
    assert float(reading_loss(logits, torch.zeros(2, 3, 3), classes)) == 0.0
