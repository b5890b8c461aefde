"""Export and import: what comes back, and everything that is refused with nothing written."""

from __future__ import annotations

import json
import os
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from store_builders import full_turn, picture, png, request, turn

from chatdraw.errors import NotFound, StoreError
from chatdraw.store import Session, Store
from chatdraw.store import archive as archive_module
from chatdraw.store.archive import export_session, import_session

FIRST = Path(__file__).with_name("first_archive")
"""An export of the first format. Never changes: it is what people have kept."""

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Store]:
    """The store of somebody else."""
    with Store(tmp_path / "other") as opened:
        yield opened


@pytest.fixture
def session(store: Store) -> Session:
    """A branched story: a drawing, an edit, back, another edit; it stands at the first edit."""
    session = store.create_session("Larry #1")
    first = full_turn(png(1))
    store.commit(session.id, first, [png(1)], head=first.id)
    edited = picture(2, png(2), kind="edit", parent=first.pictures[0].hash, request=request(2, strength=0.5))
    second = turn(2, first, pictures=(edited,), outcome="drawn", text="a red\nscarf *please* <b>")
    store.commit(session.id, second, [png(2)], head=second.id)
    third = turn(3, first, (png(3), png(4)), first=3, left=second.id)
    store.commit(session.id, third, [png(3), png(4)], head=second.id)
    return store.session(session.id)


@pytest.fixture
def folder(store: Store, session: Session, tmp_path: Path) -> Path:
    return export_session(store, session.id, tmp_path / "larry")


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def kept(store: Store) -> list[str]:
    """Everything that an import could have left behind."""
    files = [path.name for path in store.home.rglob("*") if path.is_file() and "pictures" in path.parts]
    return files + [session.id for session in store.sessions()]


def change(folder: Path, changed: Change) -> None:
    file = folder / "session.json"
    value = json.loads(file.read_text(encoding="utf-8"))
    changed(value)
    file.write_text(json.dumps(value), encoding="utf-8")


def zipped(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in content(folder).items():
            archive.writestr(name, data)
    return target


# --- what comes back -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["again", "again.zip", "again.ZIP"])
def test_the_same_bytes_come_back_from_another_store(
    name: str, store: Store, session: Session, other: Store, tmp_path: Path
) -> None:
    first = export_session(store, session.id[:8], tmp_path / f"first-{name}")
    taken = import_session(other, first)
    second = export_session(other, taken.id, tmp_path / name)
    assert first.is_dir() == (name == "again")
    if first.is_dir():
        assert content(first) == content(second)
    else:
        assert first.read_bytes() == second.read_bytes()


def test_everything_of_the_session_is_in_the_other_store(
    store: Store, session: Session, folder: Path, other: Store
) -> None:
    assert import_session(other, folder) == session == other.session(session.id)
    for number in (1, 2, 3, 4):
        mine, here = (each.picture_by_number(session.id, number) for each in (store, other))
        assert mine == here
        assert other.picture_path(here[1].hash).read_bytes() == png(number)
    assert session.head is not None
    assert other.path_to(session.head) == store.path_to(session.head)
    assert other.summaries() == store.summaries()
    assert other.find("sunflower") == store.find("sunflower")
    assert [hit.where for hit in other.find("Larry")] == [hit.where for hit in store.find("Larry")]


def test_an_archive_is_for_people_too(folder: Path, session: Session) -> None:
    assert sorted(content(folder)) == [
        *(f"pictures/000{number}.png" for number in (1, 2, 3, 4)),
        "session.json",
        "transcript.md",
    ]
    text = (folder / "transcript.md").read_text(encoding="utf-8")
    assert text.startswith(f"# Larry \\#1\n\nSession {session.id}, begun ")
    assert "> a red\n> scarf \\*please\\* \\<b\\>" in text
    assert "![picture 4](pictures/0004.png)" in text
    assert "*Goes on from turn 1.*" in text.partition("## 3.")[2]
    assert "Goes on" not in text.partition("## 3.")[0]


def test_a_picture_of_another_session_comes_along(store: Store, other: Store, tmp_path: Path) -> None:
    elsewhere = store.create_session()
    theirs = turn(1, images=(png(9),))
    store.commit(elsewhere.id, theirs, [png(9)], head=theirs.id)
    session = store.create_session()
    edited = picture(1, png(10), kind="edit", parent=theirs.pictures[0].hash)
    mine = turn(1, pictures=(edited,), outcome="drawn")
    store.commit(session.id, mine, [png(10)], head=mine.id)
    folder = export_session(store, session.id, tmp_path / "forked")
    assert f"pictures/{theirs.pictures[0].hash}.png" in content(folder)
    import_session(other, folder)
    assert other.picture_path(theirs.pictures[0].hash).read_bytes() == png(9)


def test_archives_of_the_first_format_are_read_for_ever(other: Store) -> None:
    session = import_session(other, FIRST)
    assert (session.title, session.id) == ("Larry", "fbdb06cb414648dda946650a3f9c50a0")
    assert session.head is not None
    first, third = other.path_to(session.head)
    assert (third.outcome, third.left) == ("reverted", other.turn_by_number(session.id, 2).id)
    assert first.text == "고슴도치를 그려 줘 🦔 “bitte”"
    assert first.scene.visible()[0].trait("headwear") == "a sunflower"
    assert other.picture_bytes(first.pictures[0].hash) == (FIRST / "pictures" / "0001.png").read_bytes()


def test_a_picture_that_is_removed_before_the_session_has_it(
    folder: Path, session: Session, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = archive_module.write_session

    def late(home: Path, *rest: Any) -> None:
        # Somebody deletes the only session that had the same pictures.
        shutil.rmtree(home / "pictures")
        write(home, *rest)

    monkeypatch.setattr(archive_module, "write_session", late)
    import_session(other, folder)
    for number in (1, 2, 3, 4):
        assert other.picture_bytes(sha256(png(number)).hexdigest()) == png(number)


def test_a_session_without_turns(store: Store, other: Store, tmp_path: Path) -> None:
    session = store.create_session("empty")
    assert import_session(other, export_session(store, session.id, tmp_path / "empty.zip")) == session


def test_as_new_gives_new_ids_and_keeps_the_rest(store: Store, session: Session, folder: Path) -> None:
    copy = import_session(store, folder, as_new=True)
    assert copy.id != session.id
    assert (copy.title, copy.created) == (session.title, session.created)
    assert copy.head is not None
    assert session.head is not None
    mine, theirs = store.path_to(session.head), store.path_to(copy.head)
    assert not {turn.id for turn in mine} & {turn.id for turn in theirs}
    assert [turn.parent for turn in theirs] == [None, theirs[0].id]
    assert store.turn_by_number(copy.id, 3).left == copy.head
    without = {"id": "", "parent": None}
    assert [turn.model_copy(update=without) for turn in mine] == [turn.model_copy(update=without) for turn in theirs]


# --- exports that are refused ----------------------------------------------------------------


@pytest.mark.parametrize("name", ["there", "there.zip"])
def test_an_existing_target_is_left_alone(name: str, store: Store, session: Session, tmp_path: Path) -> None:
    target = tmp_path / name
    target.write_text("mine")
    with pytest.raises(StoreError, match="is there already") as refused:
        export_session(store, session.id, target)
    assert refused.value.hint
    assert target.read_text() == "mine"


def test_a_target_in_no_folder(store: Store, session: Session, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="There is no folder"):
        export_session(store, session.id, tmp_path / "nowhere" / "larry.zip")


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(png(77))], ids=["gone", "damaged"])
def test_a_lost_picture_is_left_out_only_when_that_is_said(
    harm: Callable[[Path], object], store: Store, session: Session, other: Store, tmp_path: Path
) -> None:
    harm(store.picture_path(sha256(png(3)).hexdigest()))
    with pytest.raises(StoreError, match="gone or damaged: 3") as refused:
        export_session(store, session.id, tmp_path / "refused")
    assert "--with-losses" in (refused.value.hint or "")
    assert not any(path.name.startswith((".refused", "refused")) for path in tmp_path.iterdir())

    folder = export_session(store, session.id, tmp_path / "rest", with_losses=True)
    assert "pictures/0003.png" not in content(folder)
    assert "The file of picture 3 is lost" in (folder / "transcript.md").read_text(encoding="utf-8")
    import_session(other, folder)
    again = export_session(other, session.id, tmp_path / "again", with_losses=True)
    assert content(again) == content(folder)


@pytest.mark.parametrize("name", ["larry", "larry.zip"])
def test_an_export_that_fails_leaves_nothing(
    name: str, store: Store, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive_module, "transcript", fails)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(StoreError, match="No space left"):
        export_session(store, session.id, tmp_path / name)
    assert sorted(tmp_path.iterdir()) == before


# --- imports that are refused: nothing is written --------------------------------------------


def test_a_session_that_is_here_already(store: Store, session: Session, folder: Path) -> None:
    store.picture_path(sha256(png(3)).hexdigest()).unlink()
    before = kept(store)
    with pytest.raises(StoreError, match="is here already") as refused:
        import_session(store, folder)
    assert "--as-new" in (refused.value.hint or "")
    assert kept(store) == before


def test_turns_that_are_here_already_in_another_session(store: Store, session: Session, folder: Path) -> None:
    change(folder, lambda value: value["session"].update(id="f" * 32))
    with pytest.raises(StoreError, match=f"in session {session.id[:8]}"):
        import_session(store, folder)
    assert len(store.sessions()) == 1


CHANGES: dict[str, tuple[Change, str]] = {
    "newer format": (lambda v: v.update(format=2, more=1), "has the format 2"),
    "no format": (lambda v: v.pop("format") and v.update(format="1"), "cannot be read: format"),
    "unknown key": (lambda v: v.update(colour="red"), "cannot be read: colour"),
    "unknown key in a turn": (lambda v: v["turns"][0].update(colour="red"), "turns.0.colour"),
    "unknown key in a scene": (lambda v: v["turns"][0]["scene"].update(colour="red"), "turns.0.scene.colour"),
    "number as text": (lambda v: v["turns"][0].update(number="1"), "turns.0.number"),
    "same turn twice": (lambda v: v["turns"][1].update(id=v["turns"][0]["id"]), "is there twice"),
    "turns out of order": (lambda v: v["turns"][1].update(number=9), "turn 3 comes after turn 9"),
    "huge number": (lambda v: v["turns"][2].update(number=2**70), "comes after turn 2"),
    "unknown parent": (lambda v: v["turns"][1].update(parent="a" * 32), "which does not come before it"),
    "parent after it": (lambda v: v["turns"][0].update(parent=v["turns"][1]["id"]), "which does not come before it"),
    "unknown turn left behind": (lambda v: v["turns"][2].update(left="a" * 32), "which does not come before it"),
    "bad id": (lambda v: v["turns"][2].update(id="../../x"), "is no id of a turn"),
    "bad session id": (lambda v: v["session"].update(id="../x"), "session.id"),
    "unknown head": (lambda v: v["session"].update(head="a" * 32), "stands at turn aaaaaaaa"),
    "same picture number": (lambda v: v["turns"][2]["pictures"][0].update(number=1), "have the number 1"),
    "parent without a file": (lambda v: v["turns"][1]["pictures"][0].update(parent="b" * 64), "is missing"),
    "parent that is no hash": (lambda v: v["turns"][1]["pictures"][0].update(parent="../../x"), "no hash of a picture"),
    "another hash": (lambda v: v["turns"][1]["pictures"][0].update(hash="b" * 64), "was changed or damaged"),
    "another size": (lambda v: v["turns"][1]["pictures"][0].update(width=99), "says 99×8"),
    "missing that belongs to none": (lambda v: v.update(missing=["c" * 64]), "belongs to no turn"),
    "said missing and there": (lambda v: v.update(missing=[v["turns"][1]["pictures"][0]["hash"]]), "does not belong"),
    "time without a zone": (lambda v: v["turns"][0].update(time="2026-01-01T00:00:00"), "has no valid time"),
    "time before all times": (lambda v: v["turns"][0].update(time="0001-01-01T00:00:00+14:00"), "has no valid time"),
    "no finite seconds": (lambda v: v["turns"][0].update(timings={"plan": float("nan")}), "no finite time"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_archive_is_refused(name: str, folder: Path, other: Store) -> None:
    changed, message = CHANGES[name]
    change(folder, changed)
    with pytest.raises(StoreError, match=message) as refused:
        import_session(other, folder)
    assert refused.value.hint
    assert kept(other) == []


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[1]", b"\xff\xfe{}", b'{"format": 1, "x": "\\ud800"}', b"[" * 100_000], ids=repr
)
def test_session_files_that_are_no_json(text: bytes, folder: Path, other: Store) -> None:
    (folder / "session.json").write_bytes(text)
    with pytest.raises(StoreError, match="cannot be read"):
        import_session(other, folder)
    assert kept(other) == []


def test_characters_that_are_no_text(folder: Path, other: Store) -> None:
    file = folder / "session.json"
    file.write_text(file.read_text(encoding="utf-8").replace("Larry #1", "\\ud800"), encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be read"):
        import_session(other, folder)


@pytest.mark.parametrize("name", ["session.json", "pictures/0002.png"])
def test_half_an_archive(name: str, folder: Path, other: Store) -> None:
    (folder / name).unlink()
    with pytest.raises(StoreError, match=name):
        import_session(other, folder)
    assert kept(other) == []


def test_a_picture_that_was_changed(folder: Path, other: Store) -> None:
    (folder / "pictures" / "0004.png").write_bytes(png(5))
    with pytest.raises(StoreError, match=r"0004\.png is not the picture"):
        import_session(other, folder)
    assert kept(other) == []


def test_a_picture_that_is_none(folder: Path, other: Store) -> None:
    words = b"GIF89a, not really"
    (folder / "pictures" / "0004.png").write_bytes(words)
    change(folder, lambda value: value["turns"][2]["pictures"][1].update(hash=sha256(words).hexdigest()))
    with pytest.raises(StoreError, match="is no PNG picture"):
        import_session(other, folder)
    assert kept(other) == []


def test_a_file_too_many(folder: Path, other: Store) -> None:
    (folder / "pictures" / "0005.png").write_bytes(png(5))
    with pytest.raises(StoreError, match=r"does not belong there: pictures/0005\.png"):
        import_session(other, folder)
    assert kept(other) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="links and pipes as POSIX has them")
@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_what_is_neither_file_nor_folder(kind: str, folder: Path, other: Store, tmp_path: Path) -> None:
    place = folder / "pictures" / "0004.png"
    place.unlink()
    if kind == "pipe":
        os.mkfifo(place)
    else:
        (tmp_path / "elsewhere.png").write_bytes(png(4))
        place.symlink_to(tmp_path / "elsewhere.png")
    with pytest.raises(StoreError, match="neither a file nor a folder"):
        import_session(other, folder)


def test_nothing_to_import(other: Store, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no archive"):
        import_session(other, tmp_path / "nothing.zip")


# --- zip files -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["../x.png", "/x.png", "pictures/../../x.png", "C:\\x.png", "\\\\host\\x.png", "pictures\\..\\..\\x.png"]
)
def test_a_zip_that_leads_out(name: str, folder: Path, other: Store, tmp_path: Path) -> None:
    file = zipped(folder, tmp_path / "bad.zip")
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(name, png(1))
    with pytest.raises(StoreError, match="would lie outside"):
        import_session(other, file)
    assert kept(other) == []


def test_a_zip_with_the_same_name_twice(folder: Path, other: Store, tmp_path: Path) -> None:
    file = zipped(folder, tmp_path / "bad.zip")
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("session.json", "{}")
    with pytest.raises(StoreError, match=r"two files “session\.json”"):
        import_session(other, file)


def test_a_zip_with_a_link(folder: Path, other: Store, tmp_path: Path) -> None:
    file = zipped(folder, tmp_path / "bad.zip")
    entry = zipfile.ZipInfo("pictures/0009.png")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(StoreError, match="has a link"):
        import_session(other, file)


def test_a_zip_that_was_cut_off(folder: Path, other: Store, tmp_path: Path) -> None:
    file = zipped(folder, tmp_path / "half.zip")
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(StoreError, match="is no zip file, or is cut off"):
        import_session(other, file)
    assert kept(other) == []


def test_a_zip_whose_bytes_were_damaged(folder: Path, other: Store, tmp_path: Path) -> None:
    file = zipped(folder, tmp_path / "bad.zip")
    damaged = bytearray(file.read_bytes())
    at = damaged.index(b"sunflower")
    damaged[at : at + 9] = b"SUNFLOWER"
    file.write_bytes(damaged)
    with pytest.raises(StoreError, match="cannot be read: Bad CRC"):
        import_session(other, file)
    assert kept(other) == []


def test_a_small_zip_with_a_huge_file(folder: Path, other: Store, tmp_path: Path) -> None:
    (folder / "session.json").unlink()
    file = zipped(folder, tmp_path / "bomb.zip")
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("session.json", "w") as entry:
        for _ in range(300):
            entry.write(b" " * 1_000_000)
    assert file.stat().st_size < 1_000_000
    with pytest.raises(StoreError, match="is larger than 256 MB"):
        import_session(other, file)


def test_a_huge_file_in_a_folder(folder: Path, other: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "_LARGEST_PICTURE", 50)
    with pytest.raises(StoreError, match="is larger than"):
        import_session(other, folder)
    assert kept(other) == []
