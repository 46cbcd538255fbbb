"""What the demo does, step by step: from a sentence, and from real recordings, to episodes, a dream, a planner and what they are worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lifeworld.core.origin import Origin
from lifeworld.demo.sessions import fetched
from lifeworld.demo.step import Step

SENTENCE = "a kitchen table with three apples, two mugs, a plate and a bottle on it"
EPISODES, SECONDS, PIXELS = 60, 2, "64x64"
EVENTS = "bump:12/min,slip:6/min"
AHEAD = 8
"""Pictures that are foreseen: two seconds have 25."""
ASKED = ("--only", "fidelity,control,certainty,speed", "--horizon", str(AHEAD), "--clips", "64")
"""What models are asked here; the report can ask more (docs/evaluate.md), in more time."""
PLAYS, GOALS = 200, 40
SESSIONS = 24
"""Two people in a kitchen, three minutes each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """The demo in a folder.

    `given` is a folder of somebody's own recordings in place of the sessions; `fast` learns nothing, and looks at what comes along learned.
    """

    folder: Path
    given: Path | None = None
    fast: bool = False
    seed: int = 0

    @property
    def steps(self) -> list[Step]:
        return self._fast() if self.fast else self._whole()

    def _whole(self) -> list[Step]:
        return [*self._kitchen(EPISODES, 4.5), *self._learned(), *self._planned(), *self._real(SESSIONS), *self._cooks()]

    def _kitchen(self, episodes: int, minutes: float) -> list[Step]:
        scene, kitchen = self.folder / "kitchen.toml", self.folder / "kitchen"
        return [
            Step(
                name="scene",
                title="A sentence becomes a scene",
                says=f"“{SENTENCE}”: understood offline, placed so that nothing touches what it should not, and settled",
                command=lambda: ["scene", SENTENCE, "-o", str(scene), *self._seeded()],
                makes=(scene, scene.with_suffix(".png")),
                minutes=0.1,
            ),
            Step(
                name="episodes",
                title="Things happen in it",
                says=f"{episodes} episodes of {SECONDS} seconds with every signal there is; by chance things are bumped, and slip",
                command=lambda: _recorded(scene, kitchen, episodes, self.seed),
                makes=(kitchen, kitchen / "sheet.png"),
                minutes=minutes,
            ),
            Step(
                name="check",
                title="Every law is checked",
                says="nothing is sealed that cannot have happened; every file has its hash, every stream its clock, origin and terms",
                command=lambda: ["check", str(kitchen)],
                makes=(kitchen,),
                minutes=0.2,
            ),
        ]

    def _learned(self) -> list[Step]:
        kitchen, dream, report = (self.folder / name for name in ("kitchen", "dream", "report-kitchen"))
        return [
            Step(
                name="dream",
                title="A model learns to dream it",
                says="a model learns to dream that kitchen, told what the hand does",
                command=lambda: ["learn", str(kitchen), "-o", str(dream), "--minutes", "2", "--camera", "rgb@front", *self._seeded()],
                makes=(dream / "model.safetensors",),
                minutes=2.5,
            ),
            self._seen("dream", "dream", "kitchen", 9),
            Step(
                name="report",
                title="What that dream is worth",
                says="what that dream is worth, beside what costs nothing",
                command=lambda: ["evaluate", str(dream), str(kitchen), *ASKED, "-o", str(report)],
                makes=(report / "index.html",),
                minutes=0.5,
            ),
        ]

    def _planned(self) -> list[Step]:
        rooms, planner, plans = (self.folder / name for name in ("rooms", "planner", "plans"))
        return [
            Step(
                name="rooms",
                title="Somebody walks about two rooms",
                says=f"{PLAYS} plays in two rooms with a door, the smallest world in which planning is hard, by published rules",
                command=lambda: ["make", "tworoom", "--episodes", str(PLAYS), "-o", str(rooms), *self._seeded()],
                makes=(rooms,),
                minutes=0.2,
            ),
            Step(
                name="planner",
                title="A model learns to plan there",
                says="a model learns to foresee those rooms without drawing them",
                command=lambda: ["learn", str(rooms), "--goal", "plan", "-o", str(planner), "--minutes", "1.5", *self._seeded()],
                makes=(planner / "model.safetensors",),
                minutes=1.9,
            ),
            Step(
                name="plans",
                title="It is shown a picture of a goal",
                says="it is shown pictures of goals and plans ways there, beside somebody who acts at random",
                command=lambda: [
                    *("plan", str(planner), "--world", "tworoom", "--planner", "amortised", "--episodes", str(GOALS)),
                    *("-o", str(plans), *self._seeded()),
                ],
                makes=(plans / "plan.png",),
                minutes=0.3,
                origin=Origin.MIXED,
            ),
        ]

    def _real(self, sessions: int) -> list[Step]:
        target = self.folder / "sessions"
        theirs = f"{sessions} real sessions, of two people cooking together; their authors ask that they are not passed on"
        return [
            Step(
                name="sessions",
                title="Real recordings",
                says=theirs if self.given is None else f"your recordings, from {self.given}",
                command=lambda: ["import", str(self.given or fetched(self.folder)), "-o", str(target), "--limit", str(sessions)],
                makes=(target,),
                minutes=0.7,
            )
        ]

    def _cooks(self) -> list[Step]:
        sessions, model = self.folder / "sessions", self.folder / "cooks"
        return [
            Step(
                name="cooks",
                title="A dream of real recordings",
                says="a model learns to dream on from those",
                command=lambda: ["learn", str(sessions), "-o", str(model), "--minutes", "1", *self._seeded()],
                makes=(model / "model.safetensors",),
                minutes=1.4,
            ),
            self._seen("dream of sessions", "cooks", "sessions", 9),
            self._judged(str(model)),
        ]

    def _seen(self, name: str, model: str, bundle: str, episode: int) -> Step:
        """A dream beside the truth, of an episode that was held out."""
        strip, known = self.folder / f"{name.replace(' ', '-')}.png", self.folder / model
        return Step(
            name=f"{name}, seen",
            title="A dream beside the truth",
            says="above what came, then what the model dreams, told what was done; below how sure it is of every pixel",
            command=lambda: [
                *("dream", str(known if known.exists() else model), "--from", str(self.folder / bundle)),
                *("--episode", str(episode), "--actions", f"recorded*{AHEAD}", "-o", str(strip)),
            ],
            makes=(strip,),
            minutes=0.1,
            origin=Origin.MIXED,
        )

    def _judged(self, model: str) -> Step:
        report = self.folder / "report-sessions"
        return Step(
            name="report of sessions",
            title="What that is worth",
            says="what that is worth",
            command=lambda: ["evaluate", model, str(self.folder / "sessions"), *ASKED, "-o", str(report)],
            makes=(report / "index.html",),
            minutes=0.5,
        )

    def _fast(self) -> list[Step]:
        plays, report = self.folder / "plays", self.folder / "report"
        return [
            *self._kitchen(4, 0.5),
            Step(
                name="plays",
                title="Somebody plays",
                says="somebody pushes blocks about a table",
                command=lambda: [
                    "make",
                    "push_table",
                    "--agent",
                    "pusher",
                    "--episodes",
                    "8",
                    "--seconds",
                    "8",
                    "--signals",
                    "rgb",
                    "-o",
                    str(plays),
                ],
                makes=(plays,),
                minutes=0.2,
            ),
            self._seen("dream", "push_table", "plays", 0),
            Step(
                name="report",
                title="What it is worth",
                says="what the model of that table that comes along is worth there",
                command=lambda: ["evaluate", "push_table", str(plays), *ASKED, "-o", str(report)],
                makes=(report / "index.html",),
                minutes=0.7,
            ),
            *self._real(6),
        ]

    def _seeded(self) -> Sequence[str]:
        return ("--seed", str(self.seed)) if self.seed else ()


def _recorded(scene: Path, bundle: Path, episodes: int, seed: int) -> list[str]:
    """Those that are missing: episodes of an interrupted run stay, and others are drawn than those."""
    from lifeworld.episode.bundle import open_bundle
    from lifeworld.episode.head import is_bundle

    there = len(open_bundle(bundle)) if is_bundle(bundle) else 0
    return [
        *("make", str(scene), "--episodes", str(max(1, episodes - there)), "--seconds", str(SECONDS), "--signals", "all"),
        *("--pixels", PIXELS, "--events", EVENTS, "--licence", "CC0-1.0", "-o", str(bundle), "--seed", str(seed + there)),
    ]
