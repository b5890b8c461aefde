"""Commands about sessions: to begin, find, open, name, copy and export them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rich.text import Text

from chatdraw.errors import MessageError, NotFound
from chatdraw.terminal.commands.pictures import path_of, split_options
from chatdraw.terminal.commands.registry import ChatState, beginning, command, tell
from chatdraw.terminal.completing import complete_path
from chatdraw.terminal.looks import clean
from chatdraw.terminal.sessions_view import ID_DIGITS, shortened, title_of
from chatdraw.terminal.stories_view import found_list, session_list
from chatdraw.terminal.turns import show

if TYPE_CHECKING:
    from chatdraw.store import Store, Summary

TOPIC: Final = "Sessions"
LISTED: Final = 15
"""Sessions in a list."""
FOUND: Final = 30
"""Hits that are looked at for a list."""
TITLED: Final = 1000
"""Sessions, the most recently used, in which a title is looked for."""
TITLE: Final = 60
"""Characters of a title that is made up."""
LOSSES: Final = "--with-losses"


@command("new", TOPIC, "Begin a new session; this one is kept", takes="[TITLE]")
def _new(state: ChatState, argument: str) -> None:
    title = " ".join(argument.split())
    state.conversation = state.app.conversation(title=title) if title else state.app.conversation()
    show(state.console, Text("A new story begins. What would you like to see?", style="soft"))


@command(
    "sessions",
    TOPIC,
    "List the sessions, or those in which your words stand",
    takes="[WORDS]",
    examples=(
        ("/sessions", f"the latest {LISTED}; /open and the number opens one"),
        ("/sessions owl", "with that word"),
    ),
)
def _sessions(state: ChatState, argument: str) -> None:
    store = state.app.store
    if argument:
        ids = dict.fromkeys(hit.session.id for hit in store.find(argument, FOUND))
        summaries = tuple(map(store.summary, list(ids)[: LISTED + 1]))
    else:
        summaries = store.summaries(LISTED + 1)
    more, summaries = len(summaries) > LISTED, summaries[:LISTED]
    if summaries:
        state.listed = tuple(summary.session.id for summary in summaries)
    show(state.console, session_list(summaries, state.conversation.session.id, more=more, words=argument))


@command(
    "find",
    TOPIC,
    "Search what was said, drawn and answered in all sessions",
    takes="WORDS",
    examples=(("/find blue scarf", "where both words stand; beginnings of words will do"),),
)
def _find(state: ChatState, argument: str) -> None:
    store = state.app.store
    hits = store.find(argument, FOUND)
    titles = {wanted: title_of(store.summary(wanted)) for wanted in dict.fromkeys(hit.session.id for hit in hits)}
    if titles:
        state.listed = tuple(titles)
    show(state.console, found_list(hits, titles, argument, more=len(hits) == FOUND, problem=store.search_problem))


def _openable(state: ChatState, typed: str) -> Iterator[str]:
    summaries = state.app.store.summaries(LISTED)
    return beginning(typed, [clean(s.session.title) or s.session.id[:ID_DIGITS] for s in summaries])


@command(
    "open",
    TOPIC,
    "Go on with another session",
    takes="NUMBER|TITLE|ID",
    complete=_openable,
    examples=(
        ("/open 2", "the second of the last list, of /sessions or /find"),
        ("/open Larry at the beach", "by its title, or the beginning of it"),
        ("/open 5e551090", "by its id, or the beginning of it"),
    ),
)
def _open(state: ChatState, argument: str) -> None:
    wanted = _session(state, argument)
    if wanted == state.conversation.session.id:
        tell(state, "That session is open already.")
    else:
        state.conversation = state.app.conversation(wanted)


@command(
    "title",
    TOPIC,
    "Show the title of this session, or give it one",
    takes="[TEXT]",
    complete=lambda state, typed: beginning(typed, filter(None, [state.conversation.session.title])),
)
def _title(state: ChatState, argument: str) -> None:
    conversation = state.conversation
    if argument:
        conversation.session = state.app.store.rename(conversation.session.id, " ".join(argument.split()))
    session = conversation.session
    name = f"is called “{session.title}”" if session.title else "has no title yet"
    tell(state, f"Session {session.id[:ID_DIGITS]} {name}.")


@command(
    "branch",
    TOPIC,
    "Copy this session up to a picture, and go on in the copy",
    takes="[N] [TITLE]",
    examples=(
        ("/branch", "from where you are; this session stays as it is"),
        ("/branch 2 Larry at night", "from picture 2, with a title"),
    ),
)
def _branch(state: ChatState, argument: str) -> None:
    number, title = None, " ".join(argument.split())
    if found := re.match(r"(\d{1,6})(?: |$)", title):
        number, title = int(found[1]), title[found.end() :]
    conversation, store = state.conversation, state.app.store
    if conversation.head is None:
        raise MessageError("There is nothing to branch from yet.", hint="Say what you would like to see.")
    old = conversation.session
    if not title:
        here = conversation.latest_picture if number is None else None
        at = number if here is None else here.number
        told = shortened(title_of(store.summary(old.id)), TITLE)
        title = f"{told} (from picture {at})" if at is not None else told
    state.conversation = state.app.conversation(conversation.branch(number, title).id)
    # The numbers of an earlier list would leave the new session out.
    state.listed = ()
    tell(state, f"This is a copy; /open {old.id[:ID_DIGITS]} goes back to the session before.")


@command(
    "export",
    TOPIC,
    "Write this session to a folder or zip file",
    takes=f"TARGET [{LOSSES}]",
    complete=complete_path,
    examples=(
        ("/export larry.zip", "all that was said, and all pictures; chatdraw sessions import takes it in again"),
        ("/export larry", "the same as a folder"),
        (f"/export larry {LOSSES}", "even if files of pictures are gone"),
    ),
)
def _export(state: ChatState, argument: str) -> None:
    from chatdraw.store.archive import export_session

    name, options = split_options("export", argument, (LOSSES,))
    if state.conversation.head is None:
        raise MessageError("Nothing was said here yet.", hint="There is nothing to export.")
    written = export_session(
        state.app.store, state.conversation.session.id, path_of(name), with_losses=LOSSES in options
    )
    show(state.console, Text("  This session is exported:", style="soft"))
    show(state.console, Text(f"  {written.absolute()}", no_wrap=True, overflow="ignore"))


def _session(state: ChatState, argument: str) -> str:
    """The id of the session that is meant.

    Raises:
        MessageError: none, or several.
        NotFound: an id fits none, or several.
    """
    store = state.app.store
    unknown: NotFound | None = None
    if re.fullmatch(r"[0-9]{1,3}", argument):
        listed = state.listed or tuple(summary.session.id for summary in store.summaries(LISTED))
        if 1 <= int(argument) <= len(listed):
            return listed[int(argument) - 1]
        raise MessageError(f"The list has no number {argument}.", hint="/sessions shows the list.")
    if re.fullmatch(r"[0-9a-fA-F]{4,32}", argument):
        try:
            return store.session(argument).id
        except NotFound as error:
            # It may be a title that looks like an id.
            unknown = error
    titled = _titled(store, argument)
    if len(titled) == 1:
        return titled[0].session.id
    if titled:
        several = "; ".join(f"{s.session.id[:ID_DIGITS]} {shortened(title_of(s), 40)}" for s in titled[:5])
        raise MessageError(f"“{argument}” fits {len(titled)} sessions.", hint=f"Say which one by its id: {several}")
    raise unknown or MessageError(
        f"There is no session “{argument}”.", hint="/sessions lists them, /find looks for words in them."
    )


def _titled(store: Store, title: str) -> list[Summary]:
    """The sessions that are called so; else those whose titles, or first words, begin so."""
    wanted = " ".join(title.casefold().split())
    summaries = store.summaries(TITLED)
    names = [(" ".join(title_of(summary).casefold().split()), summary) for summary in summaries]
    called = [summary for name, summary in names if name == wanted]
    return called or [summary for name, summary in names if name.startswith(wanted)]
