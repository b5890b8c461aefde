"""Conversations side by side, with the models' work of all of them done at once.

Each conversation runs in a thread of its own and knows nothing of the others. What it asks of a model waits at a
:class:`Desk` until every conversation waits there (or has ended); then all that was asked of one model is answered
in one batch. So no clock decides how full a batch is, and a model does one thing at a time.

When the desk is interrupted, the conversations end as if each had been interrupted itself: what is under way is
abandoned, and nothing more is taken.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeVar

from chatdraw.errors import ChatdrawError, RenderError
from chatdraw.events import Step
from chatdraw.llm.base import BatchLanguageModel, Call, Known, LanguageModel
from chatdraw.messages import Message
from chatdraw.records import RenderRequest
from chatdraw.render.base import Abilities, BatchRenderer, Finished, Renderer
from chatdraw.scene import Frozen

if TYPE_CHECKING:
    from PIL.Image import Image

_Result = TypeVar("_Result")

TWO_GROUPS: Final = 8
"""Places from which there are two groups: half of them is a batch that still does well."""


class Interrupted(BaseException):
    """Ends a conversation whose desk was interrupted. Like ``KeyboardInterrupt`` it is no error, so that nothing on its
    way takes it for a turn that failed."""


@dataclass(frozen=True, slots=True)
class _Writing:
    """One answer that is wanted."""

    model: LanguageModel
    call: Call

    def until(self, stopped: Callable[[], bool]) -> _Writing:
        """The same, which also ends when ``stopped()`` becomes true."""
        cancelled = self.call.cancelled
        return replace(self, call=replace(self.call, cancelled=lambda: stopped() or cancelled()))


@dataclass(frozen=True, slots=True)
class _Drawing:
    """One picture that is wanted."""

    model: Renderer
    request: RenderRequest
    source: Image | None
    cancelled: Callable[[], bool]

    def until(self, stopped: Callable[[], bool]) -> _Drawing:
        """The same, which also ends when ``stopped()`` becomes true."""
        cancelled = self.cancelled
        return replace(self, cancelled=lambda: stopped() or cancelled())


@dataclass(slots=True, eq=False)
class _Order:
    """What a conversation waits for."""

    wanted: _Writing | _Drawing
    done: threading.Event = field(default_factory=threading.Event)
    result: str | Image | BaseException | None = None

    def answer(self, result: str | Image | BaseException) -> None:
        """The first answer counts: one that comes after an interruption is not waited for any more."""
        if not self.done.is_set():
            self.result = result
            self.done.set()


class Desk:
    """Where conversations wait for models, and where the models' work is done.

    From :data:`TWO_GROUPS` places on, the conversations are in two groups, each of which waits for its own only: while
    one group draws, the other one plans.

    Pictures that are drawn together differ by a level in a few pixels from those that are drawn alone. Where a verifier
    is in two minds about one, it may want another attempt here and not there.

    Args:
        places: how many conversations run at a time.
    """

    def __init__(self, places: int) -> None:
        if places < 1:
            raise ValueError("nothing can run at no place")
        self._places = places
        self._here = threading.local()

    def language_model(self, llm: LanguageModel) -> LanguageModel:
        """The same model for conversations that run at this desk: an answer comes in one piece."""
        return _SharedModel(llm, self)

    def renderer(self, renderer: Renderer) -> Renderer:
        """The same model for conversations that run at this desk: a picture comes without steps."""
        return _SharedRenderer(renderer, self)

    def run(self, tasks: Sequence[Callable[[], _Result]]) -> list[_Result]:
        """Runs conversations, each from beginning to end in a call of its own; the results in their order.

        Raises:
            BaseException: what the first of the failed ones raised, when all have ended. An interruption, of this
                thread or of a model, does not wait for that: it ends the others, each at the next thing that it asks of
                a model.
        """
        places = min(self._places, len(tasks))
        count = 2 if places >= TWO_GROUPS else 1
        locks = _Locks()
        groups = [_Group(locks) for _ in range(count)]
        results: dict[int, _Result] = {}
        errors: dict[int, BaseException] = {}
        broken: list[BaseException] = []

        def work(group: _Group, waiting: deque[tuple[int, Callable[[], _Result]]]) -> None:
            self._here.group = group
            try:
                while waiting and not group.stopped:
                    place, task = waiting.popleft()
                    try:
                        results[place] = task()
                    # A thread has nobody above it to catch anything: all of it goes to the caller of run.
                    except BaseException as error:
                        errors[place] = error
            except IndexError:
                pass  # another thread took the last one
            finally:
                group.leave()

        def serve(group: _Group) -> None:
            try:
                group.serve()
            except BaseException as error:
                broken.append(error)
                for other in groups:
                    other.stop()

        threads = []
        for number, group in enumerate(groups):
            # By turns, so that what is done together does not depend on how long anything takes.
            waiting = deque(list(enumerate(tasks))[number::count])
            group.running = len(range(number, places, count))
            threads += [threading.Thread(target=work, args=(group, waiting), daemon=True) for _ in range(group.running)]
            threads.append(threading.Thread(target=serve, args=(group,), name="chatdraw-models", daemon=True))
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        except BaseException:
            for group in groups:
                group.stop()
            raise
        finally:
            for thread in threads:
                if thread.ident is not None:
                    thread.join()
        if broken:
            raise broken[0]
        if errors:
            raise errors[min(errors)]
        return [results[place] for place in range(len(tasks))]

    def order(self, wanted: _Writing | _Drawing) -> str | Image:
        """Waits for an answer or a picture. Called from the threads of the conversations.

        Raises:
            ChatdrawError: there is none.
            Interrupted: the desk was interrupted.
        """
        group: _Group = self._here.group
        return group.order(wanted)


class _Locks:
    """One lock for each model, which does one thing at a time."""

    def __init__(self) -> None:
        self._locks: dict[int, threading.Lock] = {}
        self._making = threading.Lock()

    def of(self, model: LanguageModel | Renderer) -> threading.Lock:
        with self._making:
            return self._locks.setdefault(id(model), threading.Lock())


class _Group:
    """Conversations that wait for each other.

    Args:
        locks: of the models.

    Attributes:
        running: how many there are; to be set before the first begins.
        stopped: whether nothing more is to begin.
    """

    def __init__(self, locks: _Locks) -> None:
        self._locks = locks
        self._changed = threading.Condition()
        self._orders: list[_Order] = []
        self._batch: list[_Order] = []
        """What is being worked at."""
        self.running = 0
        self.stopped = False

    def leave(self) -> None:
        """One of them has ended."""
        with self._changed:
            self.running -= 1
            self._changed.notify_all()

    def order(self, wanted: _Writing | _Drawing) -> str | Image:
        """See :meth:`Desk.order`."""
        order = _Order(wanted)
        with self._changed:
            if self.stopped:
                raise Interrupted
            self._orders.append(order)
            self._changed.notify_all()
        order.done.wait()
        if isinstance(order.result, BaseException):
            raise order.result
        assert order.result is not None
        return order.result

    def serve(self) -> None:
        """Does what they ask for, until all have ended."""
        while batch := self._next_batch():
            with self._locks.of(batch[0].wanted.model):
                try:
                    results = _do([order.wanted for order in batch], lambda: self.stopped)
                except ChatdrawError as error:
                    results = [error] * len(batch)
            for order, result in zip(batch, results, strict=True):
                order.answer(result)

    def stop(self) -> None:
        """Ends them, each at the next thing that it asks for."""
        with self._changed:
            self.stopped = True
            orders, self._orders, self._batch = [*self._batch, *self._orders], [], []
            self._changed.notify_all()
        for order in orders:
            order.answer(Interrupted())

    def _next_batch(self) -> list[_Order]:
        """Orders for one model, once nobody is left who could add to them; none when all have ended, or are to."""
        with self._changed:
            self._changed.wait_for(lambda: self.stopped or len(self._orders) >= self.running)
            if self.stopped or not self._orders:
                return []
            # The shorter work first: whoever gets an answer may soon want a picture together with the others.
            first = min(self._orders, key=lambda order: isinstance(order.wanted, _Drawing))
            batch = [order for order in self._orders if order.wanted.model is first.wanted.model]
            self._orders = [order for order in self._orders if order not in batch]
            self._batch = batch
            return batch


def _do(wanted: Sequence[_Writing | _Drawing], stopped: Callable[[], bool]) -> Sequence[str | Image | ChatdrawError]:
    """What one model makes of orders for it: in one batch where it can, otherwise one by one."""
    wanted = [one.until(stopped) for one in wanted]
    model = wanted[0].model
    calls = [one.call for one in wanted if isinstance(one, _Writing)]
    drawings = [one for one in wanted if isinstance(one, _Drawing)]
    if len(calls) > 1 and isinstance(model, BatchLanguageModel):
        return model.complete_batch(calls)
    if len(drawings) > 1 and isinstance(model, BatchRenderer) and not any(one.source for one in drawings):
        requests = [one.request for one in drawings]
        return model.render_batch(requests, cancelled=lambda: all(one.cancelled() for one in drawings))
    return [_attempt(one) for one in wanted]


def _attempt(wanted: _Writing | _Drawing) -> str | Image | ChatdrawError:
    try:
        if isinstance(wanted, _Writing):
            call = wanted.call
            return "".join(
                wanted.model.complete(
                    call.messages,
                    call.schema,
                    max_tokens=call.max_tokens,
                    cancelled=call.cancelled,
                    known=call.known,
                )
            )
        for item in wanted.model.render(wanted.request, source=wanted.source, cancelled=wanted.cancelled):
            if isinstance(item, Finished):
                return item.image
        raise RenderError(f"{wanted.model.name} ended without a picture.")
    except ChatdrawError as error:
        return error


class _SharedModel:
    """A language model behind a desk, as one conversation sees it: an answer comes in one piece."""

    def __init__(self, llm: LanguageModel, desk: Desk) -> None:
        self._llm = llm
        self._desk = desk

    @property
    def name(self) -> str:
        return self._llm.name

    @property
    def revision(self) -> str:
        return self._llm.revision

    def complete(
        self,
        messages: tuple[Message, ...],
        schema: type[Frozen],
        *,
        max_tokens: int,
        cancelled: Callable[[], bool] = lambda: False,
        known: Known | None = None,
    ) -> Iterator[str]:
        answer = self._desk.order(_Writing(self._llm, Call(messages, schema, max_tokens, cancelled, known)))
        assert isinstance(answer, str)
        yield answer

    def close(self) -> None:
        """The model belongs to whoever made it."""


class _SharedRenderer:
    """An image model behind a desk, as one conversation sees it: without steps."""

    def __init__(self, renderer: Renderer, desk: Desk) -> None:
        self._renderer = renderer
        self._desk = desk

    @property
    def name(self) -> str:
        return self._renderer.name

    @property
    def revision(self) -> str:
        return self._renderer.revision

    @property
    def abilities(self) -> Abilities:
        return self._renderer.abilities

    def render(
        self,
        request: RenderRequest,
        *,
        source: Image | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Iterator[Step | Finished]:
        image = self._desk.order(_Drawing(self._renderer, request, source, cancelled))
        assert not isinstance(image, str)
        yield Finished(image)

    def close(self) -> None:
        """The model belongs to whoever made it."""
