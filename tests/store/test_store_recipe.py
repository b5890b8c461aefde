from __future__ import annotations

import io
import json
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from store_builders import NOON, request

from chatdraw.errors import NotFound, StoreError
from chatdraw.store.recipe import Recipe, encode_png, parameters, read_recipe

IMAGE = Image.linear_gradient("L").resize((16, 12)).convert("RGB")


def recipe(**changes: object) -> Recipe:
    fields: dict[str, object] = {
        "request": request(),
        "text": "draw a hedgehog",
        "turn": "a" * 32,
        "number": 3,
        "session": "b" * 32,
        "llm": "writer",
        "llm_revision": "feedbeef",
        "version": "0.1.0",
        "time": NOON,
    }
    return Recipe.model_validate({**fields, **changes})


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Type and content of every chunk of a PNG file, read by hand."""
    found, position = [], 8
    while position < len(data):
        length, kind = struct.unpack(">I4s", data[position : position + 8])
        content = data[position + 8 : position + 8 + length]
        (check,) = struct.unpack(">I", data[position + 8 + length : position + 12 + length])
        assert check == zlib.crc32(kind + content)
        found.append((kind, content))
        position += 12 + length
    return found


def test_recipe_and_pixels_come_back(tmp_path: Path) -> None:
    data = encode_png(IMAGE, recipe())
    assert read_recipe(data) == recipe()
    file = tmp_path / "picture.png"
    file.write_bytes(data)
    assert read_recipe(file) == recipe()
    with Image.open(file) as image:
        assert image.tobytes() == IMAGE.tobytes()


def test_every_field_of_the_request_is_kept() -> None:
    everything = request(
        parent="c" * 64, strength=0.5, mask="d" * 64, seed=2**63 - 1, verifier_guidance=8.0, verifier_revision="1"
    )
    assert everything.model_fields_set == set(type(everything).model_fields)
    found = read_recipe(encode_png(IMAGE, recipe(request=everything)))
    assert found is not None
    assert found.request == everything


def test_the_same_input_gives_the_same_bytes() -> None:
    assert encode_png(IMAGE, recipe()) == encode_png(IMAGE.copy(), recipe())
    assert encode_png(IMAGE, recipe()) != encode_png(IMAGE, recipe(number=4))


def test_latin_1_goes_into_text_chunks_and_the_rest_into_international_ones() -> None:
    plain = [kind for kind, _ in chunks(encode_png(IMAGE, recipe(text="Igel für Zoë")))]
    assert plain.count(b"tEXt") == 3
    assert b"iTXt" not in plain
    korean = chunks(encode_png(IMAGE, recipe(text="고슴도치 🦔")))
    international = [content for kind, content in korean if kind == b"iTXt"]
    assert len(international) == 1
    keyword, _, rest = international[0].partition(b"\0")
    assert keyword == b"chatdraw"
    assert json.loads(rest[4:].decode())["text"] == "고슴도치 🦔"  # after flags and two empty names


@settings(deadline=None)  # a busy machine is no fault
@given(st.text(min_size=1), st.text())
def test_any_words_come_back(caption: str, words: str) -> None:
    written = recipe(request=request(caption=caption), text=words)
    assert read_recipe(encode_png(IMAGE, written)) == written


def test_parameters_read_as_other_tools_write_them() -> None:
    assert parameters(recipe()) == (
        "a yellow hedgehog on a meadow\n"
        "Negative prompt: rain\n"
        "Steps: 12, CFG scale: 3, Seed: 7, Size: 8x8, Model: storybook, Model hash: 0123456789abcdef, "
        "Version: chatdraw 0.1.0"
    )
    data = encode_png(IMAGE, recipe())
    assert (b"tEXt", b"parameters\0" + parameters(recipe()).encode()) in chunks(data)
    assert (b"tEXt", b"Software\0chatdraw 0.1.0") in chunks(data)


def test_parameters_stay_parsable() -> None:
    awkward = request(
        caption="two\nlines\0 and\ta tab", negative="", model="org/model, v2", revision="main:a", strength=0.25
    )
    assert parameters(recipe(request=awkward)).splitlines() == [
        "two lines and a tab",
        'Steps: 12, CFG scale: 3, Seed: 7, Size: 8x8, Model: "org/model, v2", Model hash: "main:a", '
        "Denoising strength: 0.25, Version: chatdraw 0.1.0",
    ]


def test_a_picture_without_recipe_has_none() -> None:
    for kind in ("PNG", "JPEG"):
        buffer = io.BytesIO()
        IMAGE.save(buffer, format=kind)
        assert read_recipe(buffer.getvalue()) is None


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_recipe(tmp_path / "nothing.png")
    with pytest.raises(StoreError, match="no picture"):
        read_recipe(b"<html>")
    with pytest.raises(StoreError, match="no picture"):
        read_recipe(tmp_path)
    with pytest.raises(StoreError, match="no picture"):
        read_recipe(encode_png(IMAGE, recipe())[:40])


def test_a_recipe_of_a_newer_version_says_so() -> None:
    known = recipe().model_dump(mode="json")
    data = encode_png(IMAGE, recipe())
    content = b"chatdraw\0" + json.dumps({**known, "tuning": 3}).encode()
    chunk = struct.pack(">I", len(content)) + b"tEXt" + content + struct.pack(">I", zlib.crc32(b"tEXt" + content))
    header = data[:33]  # signature and IHDR
    with Image.open(io.BytesIO(data)) as image:
        buffer = io.BytesIO()
        Image.frombytes("RGB", image.size, image.tobytes()).save(buffer, format="PNG")
    newer = header + chunk + buffer.getvalue()[33:]
    with pytest.raises(StoreError) as caught:
        read_recipe(newer)
    assert "newer" in str(caught.value.hint)
