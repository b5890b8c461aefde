"""``chatdraw recreate``: what comes out the same, what does not, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import Program
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import chatdraw
from chatdraw.app import App
from chatdraw.cli.exit_codes import DIFFERENT
from chatdraw.errors import ModelMissing
from chatdraw.recreating import MOST, MOST_RMS, compare
from chatdraw.store.recipe import Recipe, pixel_hash, read_recipe


@pytest.fixture
def picture(chatdraw_here: Program, tmp_path: Path) -> Path:
    """A picture of the pattern painter."""
    out = tmp_path / "cube.png"
    assert chatdraw_here("draw", "--raw", "a red cube", "--out", out, "--seed", "7").code == 0
    return out


def recipe_of(picture: Path) -> dict[str, Any]:
    with Image.open(picture) as image:
        content: dict[str, Any] = json.loads(image.text["chatdraw"])
    return content


def rewrite(picture: Path, recipe: dict[str, Any] | None = None, image: Image.Image | None = None) -> Path:
    """Another file with the picture, whose recipe or pixels somebody has changed."""
    text = PngInfo()
    text.add_text("chatdraw", json.dumps(recipe_of(picture) if recipe is None else recipe))
    target = picture.with_name("changed.png")
    with Image.open(picture) as old:
        (old.copy() if image is None else image).save(target, pnginfo=text)
    return target


def moved(picture: Path, by: int, pixels: int) -> Image.Image:
    """The picture with that many pixels changed by so much."""
    with Image.open(picture) as old:
        values = np.asarray(old.convert("RGB")).astype(np.int16)
    flat = values.reshape(-1, 3)
    flat[:pixels] = np.where(flat[:pixels] > 127, flat[:pixels] - by, flat[:pixels] + by)
    return Image.fromarray(values.astype(np.uint8))


def test_the_recipe_says_what_recreating_needs(picture: Path) -> None:
    recipe = read_recipe(picture)
    assert recipe is not None
    with Image.open(picture) as image:
        assert recipe.pixels == pixel_hash(image)
    assert set(recipe.software) == {"processor", "torch", "diffusers", "transformers"}


def test_identical(chatdraw_here: Program, picture: Path, tmp_path: Path) -> None:
    out = tmp_path / "again.png"
    ran = chatdraw_here("recreate", picture, "--out", out)
    assert ran.code == 0
    assert "identical" in ran.out
    with Image.open(picture) as old, Image.open(out) as new:
        assert old.tobytes() == new.tobytes()
    old_recipe, new_recipe = read_recipe(picture), read_recipe(out)
    assert isinstance(old_recipe, Recipe)
    assert isinstance(new_recipe, Recipe)
    assert new_recipe == old_recipe


def test_nothing_is_made_where_nothing_is_needed(chatdraw_here: Program, picture: Path, tmp_path: Path) -> None:
    assert chatdraw_here("--home", tmp_path / "none", "recreate", picture).code == 0
    assert not (tmp_path / "none").exists()


def test_within_tolerance_states_how_far(chatdraw_here: Program, picture: Path) -> None:
    changed = rewrite(picture, image=moved(picture, by=2, pixels=100))
    ran = chatdraw_here("recreate", changed, "--json")
    assert ran.code == 0
    assert ran.json["verdict"] == "within tolerance"
    assert ran.json["largest"] == 2
    assert ran.json["rms"] == pytest.approx((4 * 100 / (128 * 128)) ** 0.5, abs=1e-4)
    assert "off by 2 of 255 at most, 0.16 RMS" in chatdraw_here("recreate", changed).out


@pytest.mark.parametrize(
    ("by", "pixels", "verdict"),
    [
        (MOST, 1, "within tolerance"),
        (MOST + 1, 1, "different"),
        (1, 128 * 128, "within tolerance"),
        (2, 128 * 128, "different"),
    ],
)
def test_both_limits_count(by: int, pixels: int, verdict: str, picture: Path) -> None:
    with Image.open(picture) as old:
        found = compare(old, moved(picture, by, pixels))
    assert found is not None
    assert found.largest == by
    assert (found.rms <= MOST_RMS) is (by == 1 or pixels == 1)
    assert found.verdict == verdict


def test_a_picture_that_was_painted_over(chatdraw_here: Program, picture: Path) -> None:
    changed = rewrite(picture, image=moved(picture, by=100, pixels=500))
    ran = chatdraw_here("recreate", changed, "--json")
    assert ran.code == DIFFERENT == 3
    (reason,) = ran.json["reasons"]
    assert reason == "The file was changed after it was drawn; the new picture is exactly the one that was drawn then."


def test_a_picture_that_was_scaled(chatdraw_here: Program, picture: Path) -> None:
    ran = chatdraw_here("recreate", rewrite(picture, image=Image.new("RGB", (64, 64))), "--json")
    assert (ran.code, ran.json["largest"]) == (3, None)
    assert ran.json["reasons"][0].startswith("The file has 64 × 64 pixels, the recipe asks for 128 × 128")


def test_other_libraries_device_and_revision_are_named(chatdraw_here: Program, picture: Path) -> None:
    recipe = recipe_of(picture)
    # A picture that was drawn elsewhere: its own pixels are right, ours differ.
    elsewhere = moved(picture, by=50, pixels=500)
    recipe |= {"pixels": pixel_hash(elsewhere), "software": {**recipe["software"], "torch": "1.0"}}
    recipe["request"]["revision"] = "0" * 16
    changed = rewrite(picture, recipe, elsewhere)
    message, hint = chatdraw_here.fails("recreate", changed)
    assert "in revision 0000000000000000; here is " in message
    assert "--anyway" in hint
    ran = chatdraw_here("recreate", changed, "--anyway", "--json")
    assert ran.code == 3
    here = recipe_of(picture)
    assert ran.json["reasons"] == [
        f"Another revision of pattern: 0000000000000000 then, {here['request']['revision']} now.",
        f"Another torch: 1.0 then, {here['software']['torch']} now.",
    ]


def test_a_guided_picture_needs_its_verifier(chatdraw_here: Program, picture: Path) -> None:
    recipe = recipe_of(picture)
    recipe["request"] |= {"verifier_guidance": 8.0, "verifier_revision": "0123456789abcdef"}
    ran = chatdraw_here("recreate", rewrite(picture, recipe))
    assert ran.code != 0
    assert isinstance(ran.error, ModelMissing)
    assert "guided by a verifier" in str(ran.error)
    assert "models.toml" in ran.error.hint


def test_another_verifier_than_then_is_said(
    chatdraw_here: Program, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Guide:
        revision = "fedcba9876543210"

        def close(self) -> None:
            pass

    monkeypatch.setattr(App, "verifier", Guide())
    recipe = recipe_of(picture)
    recipe["request"] |= {"verifier_guidance": 8.0, "verifier_revision": "0123456789abcdef"}
    recipe["pixels"] = ""
    changed = rewrite(picture, recipe, moved(picture, 9, 900))
    ran = chatdraw_here("recreate", changed)
    assert ran.code != 0
    assert "0123456789abcdef; here is fedcba9876543210" in str(ran.error)
    ran = chatdraw_here("recreate", changed, "--anyway")
    assert ran.code == DIFFERENT
    assert "Another revision of the verifier" in ran.out


def test_a_recipe_from_before_says_what_is_not_known(chatdraw_here: Program, picture: Path) -> None:
    recipe = recipe_of(picture)
    for key in ("pixels", "software", "device"):
        del recipe[key]
    ran = chatdraw_here("recreate", rewrite(picture, recipe, moved(picture, by=50, pixels=500)), "--json")
    assert ran.code == 3
    assert [reason.split(":")[0] for reason in ran.json["reasons"]] == [
        "Whether the file was changed since is not known",
        "On which machine and with which libraries it was drawn is not known.",
    ]


def test_a_picture_that_started_from_another(chatdraw_here: Program, picture: Path, tmp_path: Path) -> None:
    (parent,) = (chatdraw_here.home / "pictures").rglob("*.png")
    recipe = recipe_of(picture)
    recipe["request"] |= {"parent": parent.stem, "strength": 0.5, "caption": "a blue cube"}
    del recipe["pixels"]
    child = rewrite(picture, recipe)
    ran = chatdraw_here("recreate", child, "--out", tmp_path / "child.png", "--json")
    alone = {**recipe, "request": {**recipe["request"], "parent": None, "strength": None}}
    chatdraw_here("recreate", rewrite(picture, alone), "--out", tmp_path / "alone.png")
    assert ran.code == 3
    with Image.open(tmp_path / "child.png") as mixed, Image.open(tmp_path / "alone.png") as plain:
        assert mixed.tobytes() != plain.tobytes()
    rewrite(picture, recipe)
    message, hint = chatdraw_here.fails("--home", tmp_path / "other", "recreate", child)
    assert message.endswith("holds no sessions.")
    assert "--home" in hint
    parent.unlink()
    assert "which is not in" in chatdraw_here.fails("recreate", child)[0]


def test_pictures_that_cannot_be_drawn_again(chatdraw_here: Program, picture: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain.png"
    Image.new("RGB", (8, 8)).save(plain)
    assert chatdraw_here.fails("recreate", plain)[0] == f"{plain} carries no recipe."
    assert "There is no file" in chatdraw_here.fails("recreate", tmp_path / "none.png")[0]
    half = tmp_path / "half.png"
    half.write_bytes(picture.read_bytes()[:-300])
    message, hint = chatdraw_here.fails("recreate", half)
    assert "damaged" in message
    assert hint


def test_a_recipe_of_a_newer_program(chatdraw_here: Program, picture: Path) -> None:
    changed = rewrite(picture, {**recipe_of(picture), "version": "99.1", "dreams": 3})
    message, hint = chatdraw_here.fails("recreate", changed)
    assert message == f"The recipe in {changed} was written by chatdraw 99.1; this is {chatdraw.__version__}."
    assert hint == "Install chatdraw 99.1 or a later one."
    # Of this version, the same is damage.
    message, _ = chatdraw_here.fails("recreate", rewrite(picture, {**recipe_of(picture), "dreams": 3}))
    assert "cannot be read" in message


def test_a_model_that_is_not_there(chatdraw_here: Program, picture: Path) -> None:
    recipe = recipe_of(picture)
    recipe["request"]["model"] = "patern"
    message, hint = chatdraw_here.fails("recreate", rewrite(picture, recipe))
    assert message == "The recipe: there is no painter entry “patern”. Did you mean “pattern”?"
    assert "storybook-painter" in hint


def test_a_size_that_the_model_cannot_draw(chatdraw_here: Program, picture: Path) -> None:
    recipe = recipe_of(picture)
    recipe["request"]["width"] = 130
    _, hint = chatdraw_here.fails("recreate", rewrite(picture, recipe))
    assert hint == "the nearest size is 128x128"


def test_targets_are_checked_before_anything_is_drawn(chatdraw_here: Program, picture: Path, tmp_path: Path) -> None:
    before = picture.read_bytes()
    for target, words in (
        (tmp_path / "a.jpg", "PNG"),
        (tmp_path / "none" / "a.png", "no folder"),
        (tmp_path, "PNG"),
        (picture, "is the picture itself"),
    ):
        assert words in chatdraw_here.fails("recreate", picture, "--out", target)[0]
    assert picture.read_bytes() == before
