"""Pictures as half blocks, and which way of showing them is chosen."""

from __future__ import annotations

import re

import pytest
from PIL import Image
from recorded import screen, seen
from rich.text import Text

from chatdraw.terminal.picture import COLUMNS, HalfBlocks, PictureView, find_graphics, side_by_side


def lines(picture: object, width: int = 80) -> list[str]:
    console = screen(width)
    console.print(picture, end="")
    return seen(console).splitlines()


def test_each_character_is_two_pixels() -> None:
    image = Image.new("RGB", (2, 2))
    image.putdata([(255, 0, 0), (0, 255, 0), (0, 0, 255), (9, 8, 7)])
    (line,) = lines(HalfBlocks(image, 2, indent=1))
    red_over_blue, green_over_dark = re.findall(r"\x1b\[([0-9;]+)m▀", line)
    assert red_over_blue == "38;2;255;0;0;48;2;0;0;255"
    assert green_over_dark == "38;2;0;255;0;48;2;9;8;7"
    assert line.startswith(" \x1b")


def test_equal_neighbours_share_their_codes() -> None:
    (line,) = lines(HalfBlocks(Image.new("RGB", (8, 2), "red"), 8, indent=0))
    assert "▀" * 8 in line


def test_transparent_parts_show_the_terminal() -> None:
    (line,) = lines(HalfBlocks(Image.new("RGBA", (1, 2), (1, 2, 3, 0)), 1, indent=0))
    assert "38;2;1;2;3" not in line


@pytest.mark.parametrize(("size", "rows"), [((128, 128), 24), ((256, 128), 12), ((128, 64), 12)])
def test_proportions(size: tuple[int, int], rows: int) -> None:
    view = PictureView(screen(100, height=60))
    assert len(lines(view.full(Image.new("RGB", size)), 100)) == rows


@pytest.mark.parametrize(("width", "height"), [(60, 24), (20, 40), (200, 10), (5, 5)])
@pytest.mark.parametrize("size", [(128, 128), (64, 512), (512, 64)])
def test_a_picture_fits_the_window(width: int, height: int, size: tuple[int, int]) -> None:
    view = PictureView(screen(width, height=height))
    shown = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines(view.full(Image.new("RGB", size)), width)]
    assert shown
    assert max(map(len, shown)) <= width
    assert len(shown) <= max(4, height - 2)


def test_previews_are_smaller() -> None:
    view = PictureView(screen(100, height=60))
    image = Image.new("RGB", (64, 64))
    assert 0 < len(lines(view.preview(image))) < len(lines(view.full(image)))


def test_nothing_where_there_is_no_colour_or_no_window() -> None:
    image = Image.new("RGB", (8, 8))
    for console in (screen(NO_COLOR="1"), screen(terminal=False), screen(TERM="dumb")):
        assert PictureView(console).full(image) is None
        assert PictureView(console).preview(image) is None


def test_real_graphics_are_preferred_for_the_finished_picture() -> None:
    asked: list[int] = []

    def graphics(image: Image.Image, columns: int) -> Text:
        asked.append(columns)
        return Text("GRAPHICS")

    view = PictureView(screen(100, height=60), graphics)
    assert lines(view.full(Image.new("RGB", (8, 8)))) == ["GRAPHICS"]
    assert asked == [COLUMNS]
    assert "▀" in "".join(lines(view.preview(Image.new("RGB", (8, 8)))))


def test_a_pipe_is_not_asked_for_graphics(capfd: pytest.CaptureFixture[str]) -> None:
    assert find_graphics() is None
    assert capfd.readouterr().out == ""


# --- several pictures of one turn ------------------------------------------------------------


def test_pictures_side_by_side_have_space_between_them_and_keep_their_order() -> None:
    red, blue = Image.new("RGB", (16, 16), "red"), Image.new("RGB", (16, 16), "blue")
    sheet = side_by_side([red, blue, red], 2)
    assert sheet.size == (33, 33)
    assert sheet.getpixel((0, 0)) == sheet.getpixel((0, 32)) == (255, 0, 0, 255)
    assert sheet.getpixel((32, 0)) == (0, 0, 255, 255)
    for empty in ((16, 0), (0, 16), (32, 32)):
        assert sheet.getpixel(empty)[3] == 0


@pytest.mark.parametrize(("width", "number", "per_row"), [(100, 4, 4), (60, 2, 2), (60, 4, 2), (40, 3, 1), (100, 5, 3)])
def test_as_many_side_by_side_as_the_window_takes(width: int, number: int, per_row: int) -> None:
    sheets: list[Image.Image] = []

    def graphics(image: Image.Image, columns: int) -> Text:
        sheets.append(image)
        assert columns <= width - 4
        return Text("")

    view = PictureView(screen(width, height=200), graphics)
    view.several([Image.new("RGB", (16, 16))] * number)
    assert sheets[0].width == per_row * 17 - 1
    shown = lines(PictureView(screen(width, height=24)).several([Image.new("RGB", (16, 16))] * number), width)
    assert len(shown) <= 24
    assert max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in shown) <= width


def test_one_picture_or_none() -> None:
    view = PictureView(screen(100, height=60))
    image = Image.new("RGB", (8, 8), "red")
    assert lines(view.several([image])) == lines(view.full(image))
    assert view.several([]) is None
    assert PictureView(screen(terminal=False)).several([image, image]) is None


def test_a_character_with_only_its_lower_half_visible_leaves_the_upper_to_the_terminal() -> None:
    image = Image.new("RGBA", (1, 2), (9, 8, 7, 255))
    image.putpixel((0, 0), (0, 0, 0, 0))
    (line,) = lines(HalfBlocks(image, 1, indent=0))
    assert line.startswith("\x1b[38;2;9;8;7m▄")
