"""``chatdraw sessions``: what was said and drawn, to look at, find, move and delete."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from chatdraw.cli.completing import session_ids
from chatdraw.cli.confirming import confirmed
from chatdraw.cli.exit_codes import EPILOG
from chatdraw.cli.options import options_of
from chatdraw.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatdraw.records import Turn
    from chatdraw.store import Hit, Session, Store, Summary

LIMIT: Final = 50
"""How many sessions or hits are listed unless something else is asked for."""

_Json = Annotated[bool, typer.Option("--json", help="As JSON, for other programs.")]
_Limit = Annotated[int, typer.Option("--limit", metavar="N", min=1, max=1_000_000, help="At most this many.")]
_Id = Annotated[
    str,
    typer.Argument(metavar="ID", help="Id of a session, or the beginning of it.", autocompletion=session_ids),
]


def register(program: typer.Typer) -> None:
    """Adds the command and its parts."""
    sessions = typer.Typer(rich_markup_mode=None)
    sessions.callback(invoke_without_command=True, epilog=EPILOG)(overview)
    sessions.command("list", epilog=EPILOG)(list_sessions)
    for part in (show, find, rename):
        sessions.command(epilog=EPILOG)(part)
    sessions.command("export", epilog=EPILOG)(export)
    sessions.command("import", epilog=EPILOG)(import_)
    sessions.command("delete", epilog=EPILOG)(delete)
    program.add_typer(sessions, name="sessions")


def overview(context: typer.Context, as_json: _Json = False, limit: _Limit = LIMIT) -> None:
    """What was said and drawn: list, show, find, rename, export, import and delete sessions.

    Without a command: the sessions, the most recently used first.
    """
    if context.invoked_subcommand is None:
        list_sessions(context, as_json, limit)


def list_sessions(context: typer.Context, as_json: _Json = False, limit: _Limit = LIMIT) -> None:
    """List the sessions, the most recently used first."""
    home = _home(context)
    found: tuple[Summary, ...] = ()
    if _is_there(home):
        with _store(context) as store:
            found = store.summaries(limit + 1)
    if as_json:
        _print([_summary(summary) for summary in found[:limit]])
        return
    from chatdraw.terminal.sessions_view import show_sessions

    show_sessions(found[:limit], more=len(found) > limit, home=home)


def show(context: typer.Context, session_id: _Id, as_json: _Json = False) -> None:
    """Show a session turn by turn: action, caption, pictures and where they are."""
    from chatdraw.store.archive_rows import read_session

    with _store(context) as store:
        session, turns = read_session(store.home, store.session(session_id).id)
        cut_off = store.cut_off(session.id)
        paths = {picture.hash: _path(store, picture.hash) for turn in turns for picture in turn.pictures}
    if as_json:
        lost = [{"text": turn.text, "time": turn.time.isoformat()} for turn in cut_off]
        _print({**_session(session), "turns": _turns(turns, paths, session.head), "cut_off": lost})
        return
    from chatdraw.terminal.sessions_view import show_session

    show_session(session, turns, paths, cut_off)


def find(
    context: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="WORDS...", help="All of them, or their beginnings.")],
    as_json: _Json = False,
    limit: _Limit = LIMIT,
) -> None:
    """Find turns by their words: in messages, replies, captions, titles and names of characters."""
    with _store(context) as store:
        hits = store.find(words, limit)
        problem = store.search_problem
    if as_json:
        _print([_hit(hit) for hit in hits])
        return
    from chatdraw.terminal.sessions_view import show_hits

    show_hits(hits, " ".join(words), problem=problem)


def rename(
    context: typer.Context,
    session_id: _Id,
    title: Annotated[
        str, typer.Argument(metavar="TITLE", help="With “” it has none, and is listed by its first words.")
    ],
) -> None:
    """Give a session a title."""
    from chatdraw.terminal.readers import readable

    readable(title)
    with _store(context) as store:
        session = store.rename(store.session(session_id).id, " ".join(title.split()))
    told = f"is called “{session.title}”" if session.title else "has no title"
    typer.echo(f"Session {session.id[:8]} {told} now.")


def export(
    context: typer.Context,
    session_id: _Id,
    target: Annotated[
        Path, typer.Argument(metavar="TARGET", help="A new folder, or a zip file when its name ends with .zip.")
    ],
    with_losses: Annotated[
        bool, typer.Option("--with-losses", help="Leave out pictures whose files are gone or damaged.")
    ] = False,
) -> None:
    """Write a session to a folder or zip file: all turns, all pictures, and a transcript to read."""
    from chatdraw.store.archive import export_session

    with _store(context) as store:
        typer.echo(export_session(store, session_id, target, with_losses=with_losses))


def import_(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="Folder or zip file of an exported session.")],
    as_new: Annotated[
        bool, typer.Option("--as-new", help="With ids of its own, so that it can be here a second time.")
    ] = False,
) -> None:
    """Take in an exported session. It is checked first, and nothing is written unless all of it fits."""
    from chatdraw.store import Store
    from chatdraw.store.archive import import_session

    if not source.exists():
        # Before a store is made for nothing.
        raise NotFound(f"There is no archive {source}.", hint="Name the folder or zip file of an exported session.")
    with Store(_home(context)) as store:
        typer.echo(import_session(store, source, as_new=as_new).id)


def delete(
    context: typer.Context,
    ids: Annotated[
        list[str],
        typer.Argument(metavar="ID...", help="Ids of sessions, or their beginnings.", autocompletion=session_ids),
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete sessions with their pictures, for good. It asks first."""
    from chatdraw.terminal.looks import plural
    from chatdraw.terminal.sessions_view import show_deleting

    with _store(context) as store:
        # All are looked up before the first is deleted; one that is named twice is deleted once.
        sessions = list({session.id: session for session in map(store.session, ids)}.values())
        show_deleting([(session, _summary_of(store, session)) for session in sessions])
        if not confirmed(f"Delete {plural(len(sessions), 'session')} for good", yes=yes):
            typer.echo("Nothing was deleted.")
            return
        removed = sum(store.delete(session.id) for session in sessions)
    typer.echo(f"Deleted {plural(len(sessions), 'session')} and {plural(removed, 'picture file')}.")


# --- the store -------------------------------------------------------------------------------


def _home(context: typer.Context) -> Path:
    """Where everything is kept; a mistake in models.toml is no reason not to find one's sessions."""
    from chatdraw.config import data_home

    return data_home(options_of(context).home, os.environ)


def _is_there(home: Path) -> bool:
    from chatdraw.store.database import FILE_NAME

    return (home / FILE_NAME).exists()


def _store(context: typer.Context) -> Store:
    """The store, which has to be there: looking makes none.

    Raises:
        NotFound: there is none.
    """
    from chatdraw.store import Store

    home = _home(context)
    if not _is_there(home):
        raise NotFound(f"Nothing has been kept in {home} yet.", hint="Name the folder of your sessions with --home.")
    return Store(home)


def _path(store: Store, picture_hash: str) -> Path | None:
    try:
        return store.picture_path(picture_hash)
    except NotFound:
        return None


def _summary_of(store: Store, session: Session) -> Summary | None:
    try:
        return store.summary(session.id)
    except NotFound:
        return None


# --- as JSON ---------------------------------------------------------------------------------


def _print(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _session(session: Session) -> dict[str, Any]:
    return {"id": session.id, "title": session.title, "created": session.created.isoformat()}


def _summary(summary: Summary) -> dict[str, Any]:
    return {
        **_session(summary.session),
        "first_words": summary.first_words,
        "turns": summary.turns,
        "pictures": summary.pictures,
        "last_used": summary.last.isoformat(),
    }


def _turns(turns: tuple[Turn, ...], paths: Mapping[str, Path | None], head: str | None) -> list[dict[str, Any]]:
    from chatdraw.terminal.sessions_view import action_of, current_pictures

    numbers = {turn.id: turn.number for turn in turns}
    pictures = {picture.hash: picture.number for turn in turns for picture in turn.pictures}
    current = current_pictures(turns)
    return [
        {
            "number": turn.number,
            "follows": numbers.get(turn.parent or ""),
            "current": turn.id == head,
            "time": turn.time.isoformat(),
            "text": turn.text,
            "action": action_of(turn, pictures, current[turn.id]),
            "outcome": turn.outcome,
            "reply": turn.reply,
            "error": turn.error,
            "caption": turn.caption.text if turn.caption else None,
            "pictures": [
                {
                    "number": picture.number,
                    "kind": picture.kind,
                    "from": pictures.get(picture.parent or ""),
                    "width": picture.width,
                    "height": picture.height,
                    "seed": picture.request.seed,
                    "model": picture.request.model,
                    "hash": picture.hash,
                    "path": None if (path := paths[picture.hash]) is None else str(path),
                }
                for picture in turn.pictures
            ],
        }
        for turn in turns
    ]


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        "session": hit.session.id,
        "title": hit.session.title,
        "turn": hit.turn_number,
        "pictures": list(hit.picture_numbers),
        "where": hit.where,
        "text": hit.text,
    }
