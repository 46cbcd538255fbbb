"""What goes over the wire between a session and who is in it: sub-protocol `studio.v1`, two kinds of messages.

**Text** is JSON, in order, none lost. What a page asks has `do` and a number of its own (`seq`), which the answer repeats:

    {"do": "say", "seq": 7, "text": "put a glass on the magazine"}
    {"is": "done", "seq": 7, "told": "Add a glass on magazine.", "node": 3}

**Binary** is a header and numbers: where everything is, and pictures. Only the latest counts, so a slow page never falls behind; it
acknowledges what it has drawn. `input` repeats the number of the last `act` that had its effect: the page knows what its clicks took.

    type u8 · stream u8 · flags u16 · seq u32 · time f64 [s] · input u32 · of u32        little-endian, 24 bytes

`of` says what the payload belongs to: of a state the number of its portrait; of a signal the number of what was last said of its pane; of
the picture of a dream how sure it is, in ten-thousandths.
"""

from __future__ import annotations

import struct
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError

PROTOCOL = "studio.v1"
MOST_TEXT = 256_000
"""Bytes of one message from a page."""
MOST_NUMBERS = 256
HEADER = struct.Struct("<BBHIdII")
STATE, PICTURE, NUMBERS, SOUND, TEXT = 1, 2, 3, 4, 5
"""Types: where everything is (float32); PNG or JPEG; float32 in rows; 16-bit samples; a JSON list of lines."""
NOW, FIRST = 0, 1
"""Streams: the world as it is; from FIRST on the branches that are compared, in their order."""
FIRST_PANE = 16
"""The streams from here on are panes: signals that a viewer watches."""
PAUSED, SURE, HALF = 1, 2, 4
"""Flags: whether time stands; whether `of` says how sure a picture is; whether it is half-way to a tick, there to be looked at only."""
MOST_PANES = 8
HZ = (0.2, 25.0)
"""How often a signal can be sent: at least, at most."""
VIEW_PX = (64, 1280)


# -- from a page -----------------------------------------------------------------------------------------------------------


class Asked(msgspec.Struct, frozen=True, tag_field="do", forbid_unknown_fields=True):
    """What every question has: its number, which the answer repeats."""

    seq: int


class Act(Asked, tag="act", frozen=True):
    """What an embodiment does from now on, until the next; its numbers are those of the world's spec."""

    embodiment: str
    value: list[float]


class Say(Asked, tag="say", frozen=True):
    """A sentence to follow; `selected` are the names that "it" and "this" mean first."""

    text: str
    selected: list[str] = []


class Read(Asked, tag="read", frozen=True):
    """A sentence to understand and not to follow: what it would do, with ghosts of what it would place."""

    text: str
    selected: list[str] = []


class Change(Asked, tag="change", frozen=True):
    """An edit plan, as `edit.saved` writes it: what gizmos and buttons send."""

    plan: msgspec.Raw


class Undo(Asked, tag="undo", frozen=True):
    """Back to right before the last change."""


class Redo(Asked, tag="redo", frozen=True):
    """On again to where the last undo left."""


class Go(Asked, tag="go", frozen=True):
    """To the end of another branch."""

    node: int


class Seek(Asked, tag="seek", frozen=True):
    """To a tick of this branch; time stands there."""

    tick: int


class Mark(Asked, tag="mark", frozen=True):
    """A name for this place; going on from it otherwise begins a branch beside what was done here."""

    name: str


class Play(Asked, tag="play", frozen=True):
    """Time goes on, `speed` times as fast as outside; `along` what was done here once, as far as that goes, or (False) otherwise."""

    speed: float = 1.0
    along: bool = False


class Pause(Asked, tag="pause", frozen=True):
    """Time stands."""


class Step(Asked, tag="step", frozen=True):
    """So many ticks on, then time stands; `fast`: as fast as they can be gone through."""

    ticks: int = 1
    fast: bool = False


class Compare(Asked, tag="compare", frozen=True):
    """Two to four branches, those that end with these nodes, the others held against the first."""

    nodes: list[int]


class At(Asked, tag="at", frozen=True):
    """Where everything is on the branches that were compared, so many ticks after they part; comes as a binary message of each."""

    tick: int


class Keep(Asked, tag="keep", frozen=True):
    """This branch, from its beginning to now, into the session's folder: the person was asked, and said yes."""

    signals: list[str]
    licence: str
    consent: bool
    purposes: list[str] = []


class Watch(Asked, tag="watch", frozen=True):
    """The signals to be sent from now on, by their streams (`depth_m@front`, `contacts` …), at most so often a second; none: no more.

    Answered by `panes`. What a stream is called and which there are says `welcome`.
    """

    streams: list[str]
    hz: float = 10.0


class Probe(Asked, tag="probe", frozen=True):
    """What a watched picture holds at a pixel, in its unit: x from the left, y from the top."""

    stream: str
    x: int
    y: int


class Draw(Asked, tag="draw", frozen=True):
    """For a page that cannot draw: pictures of the physical world from now on, by the server, in place of where everything is.

    Seen from `eye_m`, looking at `at_m`, `fov_deg` up and down. No `eye_m`: no more pictures, where everything is again.
    """

    eye_m: tuple[float, float, float] | None = None
    at_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    fov_deg: float = 50.0
    width_px: int = 640
    height_px: int = 360
    hz: float = 15.0


class Again(Asked, tag="again", frozen=True):
    """Say again who we are and where everything is."""


class Take(Asked, tag="take", frozen=True):
    """A guest asks for the owner's seat, which is free once the owner has been away for a while."""


class Drawn(Asked, tag="drawn", frozen=True):
    """The binary message of this number is on the screen."""


Question = (
    Act | Say | Read | Change | Undo | Redo | Go | Seek | Mark | Play | Pause | Step | Compare | At | Keep
    | Watch | Probe | Draw | Again | Take | Drawn
)  # fmt: skip
_QUESTIONS: msgspec.json.Decoder[Question] = msgspec.json.Decoder(Question)


def question(text: str | bytes) -> Question:
    """What a page asks.

    Raises:
        InputError: for what is too long, no JSON, or none of the questions.
    """
    size = len(text.encode("utf-8", "replace")) if isinstance(text, str) else len(text)
    if size > MOST_TEXT:
        raise InputError("the message is too long", got=f"{size:,} bytes", expected=f"at most {MOST_TEXT:,}")
    try:
        asked = _QUESTIONS.decode(text)
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
        raise InputError(
            "this is no message of the studio", got=str(error), expected="JSON with do and seq, as docs/studio.md says"
        ) from error
    if not 0 <= asked.seq < 2**32 or (isinstance(asked, Act) and len(asked.value) > MOST_NUMBERS):
        raise InputError("a number of the message is out of bounds", got=asked.seq)
    return asked


# -- to a page -------------------------------------------------------------------------------------------------------------


class Answer(msgspec.Struct, frozen=True, tag_field="is"):
    """What a session says."""


class Welcome(Answer, tag="welcome", frozen=True):
    """Who you are here, and what this is: simulated, dreamed or replayed, by which engine; what it cannot do."""

    session: str
    seat: Literal["owner", "guest"]
    title: str
    origin: str
    engine: str
    cannot: tuple[str, ...]
    tick_s: float
    actions: tuple[dict[str, Any], ...]
    pictures: tuple[str, ...]
    editable: bool
    keep: dict[str, Any] | None = None
    """Where to and what for something can be kept, and in which words that is asked; None where nothing can be."""
    signals: tuple[dict[str, Any], ...] = ()
    """What can be watched: of each signal its name, family, meaning and unit, what it `shows` as, and its `streams`."""
    events: tuple[dict[str, Any], ...] = ()
    """The kinds of events that can befall somebody here; `say` is a sentence that makes one happen."""
    saved: str | None = None
    """Where what is done here is saved as it is done, so that it can be gone on with; None where it is not."""
    resumed: str | None = None
    """Told where this goes on from what was saved before; None where it is new."""


class Scenery(Answer, tag="scenery", frozen=True):
    """How the world looks from now on: the number of its portrait, to be fetched; binary messages name theirs."""

    portrait: int
    url: str


class Outline(Answer, tag="outline", frozen=True):
    """The things there are, and what is so between them, in words of the scene."""

    tick: int
    things: tuple[dict[str, Any], ...]
    facts: tuple[tuple[str, ...], ...]


class Happenings(Answer, tag="happenings", frozen=True):
    """The events of this world: those that happened on this branch, the latest last, and those that are to come, as far as is known."""

    happened: tuple[dict[str, Any], ...]
    due: tuple[dict[str, Any], ...]


class Goals(Answer, tag="goals", frozen=True):
    """The goals of the scene, in its order: what each asks for, how far it is, whether it is reached; and the points."""

    goals: tuple[dict[str, Any], ...]
    points: float
    most: float
    next: str | None
    passed: bool


class Panes(Answer, tag="panes", frozen=True):
    """All that is watched now: of each stream what it is and how it is shown; said again, with no `seq`, when one of them changes."""

    seq: int | None
    panes: tuple[dict[str, Any], ...]


class Probed(Answer, tag="probed", frozen=True):
    """What a pixel holds: its numbers in `unit` (None: not known), and what that is in words."""

    seq: int
    values: tuple[float | None, ...]
    unit: str
    said: str


class Line(Answer, tag="line", frozen=True):
    """The timeline: where we are, what undo and redo would do, and of its nodes, by their `number`, those that are new or have gone on.

    Who comes is told all nodes. Where they are too many for one message there is `more` to come, and the last of them counts.
    """

    nodes: tuple[dict[str, Any], ...]
    more: bool
    node: int
    tick: int
    undo: bool
    redo: bool
    marks: tuple[tuple[str, int, int], ...]
    playing: bool
    speed: float
    along: bool = False
    """Whether time goes along what was done here once."""
    recorded: int = 0
    """So many ticks of the first node were not lived here: they are a recording."""


class Understood(Answer, tag="understood", frozen=True):
    """What a sentence would do."""

    seq: int
    told: str
    score: float
    ghosts: tuple[dict[str, Any], ...]


class Done(Answer, tag="done", frozen=True):
    """It is done; what was told of it, and the branch it led to."""

    seq: int
    told: str = ""
    node: int | None = None


class Going(Answer, tag="going", frozen=True):
    """What is asked takes a while: the share that is done, 0 to 1. The answer follows."""

    seq: int
    share: float


class Against(msgspec.Struct, frozen=True):
    """How a branch differs from the first of those that are compared.

    Times [s] count from where they part. `moved` are things with a curve of how far apart they are [m] at `times_s`, the farthest first,
    and `more` those left out; the rest is told as `worlds/whatif` does, `base` being the first branch.
    """

    nothing: bool
    times_s: list[float]
    moved: tuple[dict[str, Any], ...]
    more: int
    first_touch: dict[str, Any] | None
    relations: tuple[dict[str, Any], ...]
    events: tuple[dict[str, Any], ...]
    came: tuple[str, ...]
    gone: tuple[str, ...]


class Compared(Answer, tag="compared", frozen=True):
    """Branches held against the first of them: those that end with `nodes`; `others` tells of each of the rest.

    They part at `tick` (since the first state), `node` being the last they share; all are followed for `ticks`, of which each has
    `lived` so many and rests after them. `outcomes` are those that came about on one and not on another, with the `results` of all.
    """

    seq: int
    nodes: tuple[int, ...]
    node: int
    node_said: str
    tick: int
    ticks: int
    lived: tuple[int, ...]
    said: tuple[str, ...]
    others: tuple[Against, ...]
    outcomes: tuple[dict[str, Any], ...]


class Kept(Answer, tag="kept", frozen=True):
    """It is kept: as which episodes of which folder, how long they are together [s], and how they are taken back.

    One episode, or more that go on from each other, where somebody was taken out in between.
    """

    seq: int
    uids: tuple[str, ...]
    folder: str
    seconds: float
    streams: tuple[str, ...]
    receipt: str
    back: str


class Wrong(Answer, tag="wrong", frozen=True):
    """It is not done, and why: a stable code, a sentence, the characters it is about, what could be said instead."""

    seq: int | None
    code: str
    message: str
    reason: str | None = None
    span: tuple[int, int] | None = None
    suggestions: tuple[str, ...] = ()
    question: str | None = None


class Bye(Answer, tag="bye", frozen=True):
    """The session ends, and why."""

    why: str


def wrong(error: Exception, seq: int | None) -> Wrong:
    """An error as a page can show it."""
    return Wrong(
        seq=seq,
        code=getattr(error, "code", "internal_error"),
        message=str(error),
        reason=getattr(error, "reason", None),
        span=getattr(error, "span", None),
        suggestions=tuple(getattr(error, "suggestions", ())),
        question=getattr(error, "question", None),
    )


def text(answer: Answer) -> str:
    """An answer as JSON."""
    return msgspec.json.encode(answer).decode()


def binary(
    kind: int,
    payload: NDArray[np.float32] | bytes,
    *,
    seq: int,
    time_s: float,
    last_input: int,
    of: int,
    stream: int = 0,
    flags: int = 0,
) -> bytes:
    """A binary message: the header, then float32 numbers or what is encoded already."""
    head = HEADER.pack(kind, stream, flags, seq % 2**32, time_s, last_input, of)
    return head + (payload if isinstance(payload, bytes) else np.ascontiguousarray(payload, dtype="<f4").tobytes())
