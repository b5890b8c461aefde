"""``chatdraw strip``, ``draw --strip`` and ``replay --strip``: the recipe goes, the picture stays."""

from __future__ import annotations

import base64
import re
import struct
import zlib
from hashlib import sha256
from pathlib import Path

import pytest
from command_line import Program
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from chatdraw.errors import ConfigError, NotFound, StoreError
from chatdraw.store.recipe import read_recipe
from chatdraw.stripping import KEPT, SIGNATURE, strip_file, strip_png

SECRET = "My daughter says his name is Larry"


def chunks(content: bytes) -> list[bytes]:
    """The types of all chunks, read by hand."""
    kinds, at = [], 8
    while at < len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        kinds.append(kind)
        at += 12 + length
    return kinds


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A picture with everything in it that says something."""
    image = Image.effect_noise((40, 30), 90).convert("RGBA")
    text = PngInfo()
    text.add_text("chatdraw", SECRET)
    text.add_itxt("parameters", SECRET + " ✦", zip=True)
    file = tmp_path / "picture.png"
    exif = Image.Exif()
    exif[0x010E] = SECRET
    image.save(file, pnginfo=text, exif=exif, dpi=(300, 300), icc_profile=b"profile")
    # Behind the end, and in a chunk nobody knows.
    whole = file.read_bytes()
    end = len(whole) - 12
    file.write_bytes(whole[:end] + chunk(b"prVt", SECRET.encode()) + whole[end:] + SECRET.encode())
    return file


def test_everything_but_the_picture_goes(picture: Path) -> None:
    before = picture.read_bytes()
    after = strip_png(before)
    assert SECRET.encode() in before
    assert set(chunks(after)) <= KEPT
    assert set(chunks(after)) == {b"IHDR", b"iCCP", b"IDAT", b"IEND"}
    with Image.open(picture) as old:
        pixels = old.convert("RGBA").tobytes()
    target = picture.with_name("after.png")
    target.write_bytes(after)
    with Image.open(target) as new:
        assert new.convert("RGBA").tobytes() == pixels
        assert new.mode == "RGBA"
        assert "exif" not in new.info
    assert strip_png(after) == after


@pytest.mark.parametrize("mode", ["P", "L", "1", "LA", "RGB", "I;16"])
def test_every_kind_of_pixels_stays_what_it_is(mode: str, tmp_path: Path) -> None:
    image = (
        Image.linear_gradient("L").resize((33, 17)).convert("RGB" if mode == "P" else "L" if mode == "I;16" else mode)
    )
    image = image.convert(mode)
    text = PngInfo()
    text.add_text("chatdraw", SECRET)
    file, target = tmp_path / "a.png", tmp_path / "b.png"
    transparency = {"transparency": 3} if mode == "P" else {}
    image.save(file, pnginfo=text, **transparency)
    strip_file(file, target)
    with Image.open(file) as old, Image.open(target) as new:
        assert (new.mode, new.tobytes(), new.getpalette()) == (old.mode, old.tobytes(), old.getpalette())
        assert new.info.get("transparency") == old.info.get("transparency")
        assert "chatdraw" not in new.info


@pytest.mark.parametrize("where", ["start", "header", "middle", "check sum", "end"])
def test_a_damaged_file_is_no_picture(where: str, picture: Path) -> None:
    whole = picture.read_bytes()
    damaged = {
        "start": b"\x00" + whole[1:],
        "header": SIGNATURE + whole[8 + 25 :],
        "middle": whole[: len(whole) // 2],
        "check sum": whole[:60] + bytes([whole[60] ^ 1]) + whole[61:],
        "end": whole[: whole.rindex(b"IEND") - 4],
    }[where]
    with pytest.raises(StoreError, match=r"damaged|no PNG"):
        strip_png(damaged)


def test_an_animation_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "moving.png"
    one, two = (Image.new("RGB", (8, 8), colour) for colour in ("red", "blue"))
    one.save(file, save_all=True, append_images=[two])
    with pytest.raises(StoreError, match="animated"):
        strip_png(file.read_bytes())


def test_in_place(picture: Path) -> None:
    picture.chmod(0o640)
    strip_file(picture, picture)
    assert SECRET.encode() not in picture.read_bytes()
    assert picture.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in picture.parent.iterdir()] == [picture.name]


def test_in_place_damage_changes_nothing(picture: Path) -> None:
    picture.write_bytes(picture.read_bytes()[:200])
    before = picture.read_bytes()
    with pytest.raises(StoreError):
        strip_file(picture, picture)
    assert picture.read_bytes() == before


def test_a_picture_of_the_store_is_not_changed_there(picture: Path) -> None:
    kept = picture.rename(picture.with_name(f"{sha256(picture.read_bytes()).hexdigest()}.png"))
    before = kept.read_bytes()
    with pytest.raises(ConfigError, match="kept in a session"):
        strip_file(kept, kept)
    assert kept.read_bytes() == before
    assert SECRET.encode() not in strip_file(kept, kept.with_name("copy.png")).read_bytes()


def test_a_file_that_is_there_is_not_overwritten(picture: Path) -> None:
    other = picture.with_name("other.png")
    other.write_bytes(b"mine")
    with pytest.raises(ConfigError, match="is there already"):
        strip_file(picture, other)
    assert other.read_bytes() == b"mine"


def test_no_such_picture(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no file"):
        strip_file(tmp_path / "none.png", tmp_path / "out.png")
    assert not (tmp_path / "out.png").exists()


# --- the command ---------------------------------------------------------------------------------


def test_beside_each_picture(chatdraw_here: Program, picture: Path) -> None:
    before = picture.read_bytes()
    ran = chatdraw_here("strip", picture)
    target = picture.with_name("picture-stripped.png")
    assert (ran.code, ran.out.replace("\n", "")) == (0, str(target))
    assert picture.read_bytes() == before
    assert SECRET.encode() not in target.read_bytes()
    assert "is there already" in chatdraw_here.fails("strip", picture)[0]
    assert chatdraw_here("strip", picture, "--in-place").code == 0
    assert picture.read_bytes() == target.read_bytes()


def test_several_into_a_folder_or_not_at_all(chatdraw_here: Program, picture: Path, tmp_path: Path) -> None:
    second = tmp_path / "second.png"
    second.write_bytes(picture.read_bytes())
    assert "is no folder" in chatdraw_here.fails("strip", picture, second, "--out", tmp_path / "new.png")[0]
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "second.png").write_bytes(b"mine")
    assert "is there already" in chatdraw_here.fails("strip", picture, second, "--out", folder)[0]
    assert [file.name for file in folder.iterdir()] == ["second.png"]
    assert (folder / "second.png").read_bytes() == b"mine"
    (folder / "second.png").unlink()
    assert chatdraw_here("strip", picture, second, "--out", folder).code == 0
    assert {file.name for file in folder.iterdir()} == {"picture.png", "second.png"}


def test_the_picture_itself_is_no_target(chatdraw_here: Program, picture: Path) -> None:
    before = picture.read_bytes()
    assert "is there already" in chatdraw_here.fails("strip", picture, "--out", picture)[0]
    assert picture.read_bytes() == before


def test_in_place_and_out_exclude_each_other(chatdraw_here: Program, picture: Path) -> None:
    assert chatdraw_here("strip", picture, "--in-place", "--out", picture.with_name("x.png")).code == 2


def test_draw_leaves_the_recipe_out_of_the_copy_only(chatdraw_here: Program, tmp_path: Path) -> None:
    assert chatdraw_here("draw", "--raw", "a red cube", "--strip").code == 2
    out = tmp_path / "cube.png"
    assert chatdraw_here("draw", "--raw", "a red cube", "--strip", "--out", out).code == 0
    assert read_recipe(out) is None
    (kept,) = (chatdraw_here.home / "pictures").rglob("*.png")
    assert read_recipe(kept) is not None


def test_replay_leaves_it_out_of_pictures_and_page(chatdraw_here: Program, tmp_path: Path) -> None:
    script = tmp_path / "story.toml"
    script.write_text(
        '[[turn]]\ncommand = "raw a red cube"\n[[turn]]\ncommand = "raw a blue cube"\n[[turn]]\ncommand = "undo"\n',
        encoding="utf-8",
    )
    for options, there in (([], True), (["--strip"], False)):
        out = tmp_path / f"out{len(options)}"
        assert chatdraw_here("replay", script, "--out", out, "--llm", "scripted", *options).code == 0
        pictures = [file.read_bytes() for file in (out / "story").glob("0*.png")]
        page = (out / "story" / "contact.html").read_text(encoding="utf-8")
        inside = [base64.b64decode(found) for found in re.findall(r"base64,([^\"]+)", page)]
        assert len(pictures) == 2
        assert len(inside) == 3
        assert all((read_recipe(each) is not None) is there for each in pictures + inside)
