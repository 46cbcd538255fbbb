"""Input that nobody here made, taken in and used as a stranger would: runs the commands of docs/real-input.md and writes what came of them.

    python scripts/real_input.py [--only car,tosses] [--anew] [--learn]

Works in out/real: every command runs there, and what it said lies in out/real/log. A command that was run is not run again, unless --anew.
Models are learned, which takes minutes each, only with --learn. The recordings are looked for in LIFEWORLD_DATA, or shared/data beside this
repository; packages are asked of PyPI and npm. What is not there is left out, and the page then keeps what it said of it before.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "out" / "real"
PAGE, PICTURES = ROOT / "docs" / "real-input.md", ROOT / "docs" / "img" / "real"
DATA = Path(os.environ.get("LIFEWORLD_DATA", ROOT.parent / "shared" / "data"))
MOST_PICTURE_BYTES = 120_000
WIDTH_PX = 1100

Said = Mapping[str, Any]
"""What `--json` gave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One sort of input: `about` says whose it is and under which terms, `needs` what of DATA or of the machine it is made from.

    `commands` are typed in an empty folder; those that learn, and what comes after them, wait for --learn. `found` makes sentences of what
    the commands said, in their order, and `poor` says plainly what is not good. `pictures` are (file that a command wrote, what it shows).
    """

    key: str
    title: str
    about: str
    needs: Path | None
    commands: Sequence[str]
    found: Callable[[Sequence[Said]], list[str]]
    poor: Sequence[str]
    pictures: Sequence[tuple[str, str]] = ()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", help="keys of the page's sections, separated by commas")
    parser.add_argument("--anew", action="store_true", help="run again what was run")
    parser.add_argument("--learn", action="store_true", help="learn models too: minutes each")
    given = parser.parse_args()
    wanted = given.only.split(",") if given.only else [use.key for use in USES]
    if unknown := set(wanted) - {use.key for use in USES}:
        parser.error(f"no such section: {', '.join(unknown)}; there are {', '.join(use.key for use in USES)}")
    for use in USES:
        if use.key in wanted:
            made = section(use, anew=given.anew, learn=given.learn)
            if made is not None:
                put(use.key, made)
    return 0


def section(use: Use, *, anew: bool, learn: bool) -> str | None:
    """The section's text from what its commands say; None if something is not there or fails."""
    if use.needs is not None and not use.needs.exists():
        print(f"{use.key}: left out, {use.needs} is not here")
        return None
    said: list[Said] = []
    for number, command in enumerate(use.commands):
        kept = WORK / "log" / f"{use.key}-{number}.json"
        before = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() and not anew else {}
        if before.get("command") != command:
            if learns(command) and not learn:
                print(f"{use.key}: left as it is, {command!r} needs --learn")
                return None
            before = ran(use.key, command)
            if before is None:
                return None
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps(before, indent=1), encoding="utf-8")
        said.append(before["said"] | {"cpu_s": before["cpu_s"], "stderr": before["stderr"]})
    shown = [shrunk(use.key, number, WORK / name, alt) for number, (name, alt) in enumerate(use.pictures)]
    lines = "\n".join(f"- {line}" for line in use.found(said))
    poor = "\n".join(f"- {line}" for line in use.poor)
    typed = "\n".join(use.commands)
    day = time.strftime("%Y-%m-%d")
    return (
        f"{use.about}\n\n```\n{typed}\n```\n\nWhat came of it ({day}):\n\n{lines}\n\n"
        + "".join(f"{each}\n\n" for each in shown)
        + f"What is poor:\n\n{poor}\n"
    )


def learns(command: str) -> bool:
    return command.startswith("lifeworld learn ")


def ran(key: str, command: str) -> dict[str, Any] | None:
    """What a command said, how long it computed, and the end of what it told on stderr; None, with a word, if it failed."""
    print(f"{key}: {command}", flush=True)
    WORK.mkdir(parents=True, exist_ok=True)
    words = shlex.split(command.replace("$DATA", str(DATA)))
    ours = words[0] == "lifeworld"
    if ours:
        words = [sys.executable, "-m", *words, "--json"]
    elif words[0] in ("pip", "python"):
        words = [sys.executable, *(["-m"] if words[0] == "pip" else []), *(words if words[0] == "pip" else words[1:])]
    begin = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    try:
        done = subprocess.run(words, cwd=WORK, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}, check=False)
    except FileNotFoundError as error:
        print(f"{key}: left out, {error}")
        return None
    if done.returncode:
        print(f"{key}: left out, the command ended with {done.returncode}: {done.stderr.strip()[-600:]}")
        return None
    cpu_s = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - begin
    said = json.loads(done.stdout) if ours else {"text": done.stdout[-2000:]}
    return {"command": command, "said": said, "cpu_s": round(cpu_s, 1), "stderr": done.stderr[-2000:]}


def shrunk(key: str, number: int, made: Path, alt: str) -> str:
    """The picture on the page, at most MOST_PICTURE_BYTES, as Markdown."""
    from PIL import Image

    PICTURES.mkdir(parents=True, exist_ok=True)
    out = PICTURES / f"{key}{number or ''}.jpg"
    with Image.open(made) as whole:
        image = whole.convert("RGB")
    if image.width > WIDTH_PX:
        image = image.resize((WIDTH_PX, round(image.height * WIDTH_PX / image.width)), Image.Resampling.LANCZOS)
    for quality in range(88, 20, -8):
        image.save(out, quality=quality, optimize=True)
        if out.stat().st_size <= MOST_PICTURE_BYTES:
            break
    return f"![{alt}](img/real/{out.name})"


def put(key: str, text: str) -> None:
    """Writes a section between its two marks."""
    begin, end = marks(key)
    page = PAGE.read_text(encoding="utf-8")
    if begin not in page or end not in page:
        raise SystemExit(f"{PAGE} has no place for {key}: put {begin} and {end} there")
    head, rest = page.split(begin, 1)
    tail = rest.split(end, 1)[1]
    PAGE.write_text(f"{head}{begin}\n{text}{end}{tail}", encoding="utf-8")
    print(f"{key}: written")


def marks(key: str) -> tuple[str, str]:
    return f"<!-- made by scripts/real_input.py: {key} -->", f"<!-- end of {key} -->"


# -- what the commands said, in sentences ------------------------------------------------------------------------------------


def taken(said: Said) -> str:
    pictures = f"{said['frames']:,} pictures, " if said["frames"] else ""
    skipped = f" {len(said['skipped'])} skipped." if said["skipped"] else ""
    return (
        f"Taken in: {many(said['episodes'], 'episode')}, {pictures}{said['seconds']:,.0f} s; {sum(said['streams'].values()):,} values in "
        f"{many(len(said['streams']), 'stream')}; {said['cpu_s']:.0f} s of one core.{skipped}"
    )


def many(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def told(said: Said) -> list[str]:
    """The notes of an import, as it prints them."""
    return [f"Noted: {note.rstrip('.')}." for note in said["notes"] if "left alone" not in note]


def checked(said: Said) -> str:
    wrong = [each for each in said["problems"] if not each["warning"]]
    known = len(said["problems"]) - len(wrong)
    return f"`check`: {len(wrong)} wrong" + (f", {known} to know: nobody told a consent." if known else ".")


def learned(said: Said) -> str:
    return f"Learned: {said['steps']} steps, {said['cpu_s']:.0f} s of one core (with taking it in and measuring)."


def scored(said: Said) -> list[str]:
    """What `learn` says a model is worth where too little is held out for a report."""
    scores = said["scores"]
    lines = [f"Held out, never learned from: {many(round(scores['clips']), 'clip')}. PSNR of changing pixels [dB]:"]
    for ahead in (1, 4, 8, 16):
        if (value := scores.get(f"changing_psnr_db@{ahead}")) is not None:
            lines.append(f"after {ahead}: {value:.1f}, copying the last picture {scores[f'copy_changing_psnr_db@{ahead}']:.1f}")
    return lines


def worth(said: Said) -> list[str]:
    """A table of changing pixels by `lifeworld evaluate`: the model, its interval, copying; and what its actions are worth."""
    report = json.loads((WORK / said["page"]).with_name("report.json").read_text(encoding="utf-8"))
    rows = {each["name"]: each for part in report["sections"] for each in part["measured"]}
    data = report["data"]
    lines = [f"Held out, never learned from: {data['clips']} clips of {data['episodes']} episodes. PSNR of changing pixels [dB]:"]
    for ahead in (1, 4, 8, 16):
        if row := rows.get(f"changing_psnr@{ahead}"):
            copied = next(floor["value"] for floor in row["floors"] if floor["name"].startswith("copying"))
            verdict = {True: "surely better", False: "surely worse"}.get(row["above_floor"], "not told apart")
            lines.append(f"after {ahead}: {span(row)}, copying the last picture {copied:.1f} ({verdict})")
    if row := rows.get("delta_psnr@4"):
        lines.append(f"What was done is worth {span(row)} dB after four pictures, against others' actions.")
    return lines


def span(row: Said) -> str:
    within = f" ({row['low']:.1f} to {row['high']:.1f})" if row["low"] is not None else " (too few episodes for an interval)"
    return f"{row['value']:.1f}{within}"


def asset(said: Said) -> str:
    size = " × ".join(f"{side:.2f}" for side in said["size_m"])
    left = f"; left out: {', '.join(said['left_out'])}" if said["left_out"] else ""
    return (
        f"`{Path(said['asset']).name}`: {size} m, {many(len(said['joints']), 'joint')}, {many(len(said['actuators']), 'actuator')}, "
        f"{said['cpu_s']:.0f} s of one core{left}."
    )


def tosses(said: Sequence[Said]) -> list[str]:
    rows = re.findall(r"^  ?(\S.*?)\s{2,}([\d.,]+ ?\S*)", said[-1]["text"], re.M)
    return [taken(said[0]), *told(said[0]), *(f"{name}: {value}." for name, value in rows)]


ASSETS = "gymnasium/gymnasium_robotics/envs/assets"
FURNITURE = Path("/usr/share/sweethome3d/furniture")

USES: tuple[Use, ...] = (
    Use(
        key="g1",
        title="A humanoid robot, teleoperated",
        about="Unitree G1, 63 episodes of one task, head camera at 15 Hz, 26 joints at 30 Hz; LeRobot v2.1. Yifan Tian, MIT.",
        needs=DATA / "robot_g1",
        commands=(
            "lifeworld import $DATA/robot_g1 -o g1 --licence MIT",
            "lifeworld check g1",
            "lifeworld show g1 --episode 0 -o g1.png",
            "lifeworld export g1 -o g1.mcap --as mcap --episode 0",
            "lifeworld learn g1 -o g1_model --steps 100 --threads 1",
            "lifeworld evaluate g1_model g1 -o g1_report --only fidelity,control --clips 60 --horizon 16",
            "lifeworld dream g1_model --from g1 --episode 9 --actions recorded*16 -o g1_dream.png",
        ),
        found=lambda said: [
            taken(said[0]),
            *told(said[0]),
            checked(said[1]),
            f"One episode as MCAP for Foxglove: {said[3]['cpu_s']:.0f} s of one core.",
            learned(said[4]),
            *worth(said[5]),
        ],
        poor=(
            "100 steps are few: the table stands and the hands, which are what moves, blur.",
            "The upload names the 26 joints, but not their unit: they are kept as they are, without one.",
            "Pictures come at half the rate of the joints, so LeRobot sees it at 15 Hz; all 30 Hz are in the bundle.",
            "Nobody says whether whoever steered agreed to it: `check` says so, and cannot know.",
        ),
        pictures=(
            ("g1.png", "Six moments of an episode: the robot's hands take a tube of crisps; below, the 26 joints and what was commanded"),
            ("g1_dream.png", "A held-out episode: the truth, the dream steered by what was commanded, and how sure it is (white: sure)"),
        ),
    ),
    Use(
        key="car",
        title="A small car, driven by a person",
        about="10,949 pictures of an indoor track with steering and throttle at 20 Hz; a donkeycar tub. Yuki Shimoda, MIT.",
        needs=DATA / "rc_car",
        commands=(
            "lifeworld import $DATA/rc_car -o car --licence MIT",
            "lifeworld show car --episode 1 -o car.png",
            "lifeworld learn car -o car_model --steps 300 --threads 1",
            "lifeworld evaluate car_model car -o car_report --only fidelity,control --clips 60 --horizon 16",
            "lifeworld dream car_model --from car --episode 9 --actions recorded*16 -o car_dream.png",
        ),
        found=lambda said: [taken(said[0]), *told(said[0]), learned(said[2]), *worth(said[3])],
        poor=(
            "Of 22 stretches three last less than a second, one of them two pictures. They are taken in all the same.",
            "Two episodes are few to judge on, and 300 steps few to learn from. What was done is worth little.",
            "It is sure of everything: on so dark a picture hardly any colour can be wrong by a tenth of its range.",
            "The clock of the car is uneven (7 to 91 Hz in short stretches); learning takes every second picture and says so.",
        ),
        pictures=(
            ("car.png", "Six moments of a drive, with steering and throttle"),
            (
                "car_dream.png",
                "Twelve pictures of a held-out drive: the truth, the dream steered by what was done, and how sure it is (white: sure)",
            ),
        ),
    ),
    Use(
        key="clips",
        title="Three films",
        about=(
            "`bottle-detection.mp4` and `car-detection.mp4` (“Sample videos” by Intel, CC BY 4.0, shown scaled), `solidWhiteRight.mp4` "
            "(Udacity, MIT): a fixed camera over a table, one over a car park, and one in a car on a motorway."
        ),
        needs=DATA / "clips",
        commands=(
            "lifeworld import $DATA/clips/bottle-detection.mp4 -o clips --licence CC-BY-4.0 --cut 8",
            "lifeworld import $DATA/clips/car-detection.mp4 -o clips --licence CC-BY-4.0 --cut 8",
            "lifeworld import $DATA/clips/solidWhiteRight.mp4 -o clips --licence MIT --cut 8",
            "lifeworld check clips --deep",
            "lifeworld show clips --episode 0 -o clips.png",
            "lifeworld show clips --episode 9 -o motorway.png",
            "lifeworld learn clips -o clips_model --steps 100 --threads 1",
            "lifeworld dream clips_model --from clips --episode 4 --actions recorded*16 -o clips_dream.png",
        ),
        found=lambda said: [
            *map(taken, said[:3]),
            *(note for each in said[:3] for note in told(each)),
            checked(said[3]),
            learned(said[6]),
            *scored(said[6]),
        ],
        poor=(
            "The end of one film is held out, six seconds that can be measured: too little for an interval. "
            "An hour of one thing would be a recording to learn from; 79 s of three are a try.",
            "The hand that comes in from above is not foreseen, and the dream was sure that nothing would.",
            "The sound tracks of the two films that have one are silent: the sheet says so, and there is nothing to learn from them.",
            "Sizes and rates differ, so LeRobot, which knows one of each, sees one of the three films.",
        ),
        pictures=(
            ("clips.png", "Six moments of a film: hands put bottles on a table and take them"),
            ("motorway.png", "Six moments of a drive on a motorway, and its silent sound"),
            (
                "clips_dream.png",
                "The end of a film, held out: the truth, the dream steered by what is inferred from it, and how sure it is (white: sure)",
            ),
        ),
    ),
    Use(
        key="tosses",
        title="456 tosses of a cube",
        about="Poses and velocities of a real cube at 148 Hz. DAIR Lab (contact-nets), BSD-3-Clause.",
        needs=DATA / "tosses",
        commands=(
            "lifeworld import $DATA/tosses -o tosses --licence BSD-3-Clause",
            "lifeworld check tosses",
            "lifeworld show tosses --episode 0 -o tosses.png",
        ),
        found=lambda said: [taken(said[0]), *told(said[0]), checked(said[1])],
        poor=(
            "Simulated from its measured start with the published mass and friction, the cube ends one time in five on another face or "
            "turned by more than 45°: [physics against reality](physics-truth.md).",
            "`lifeworld enter tosses` opens it, but there is nothing to see in it but numbers; `whatif` refuses it, as it keeps no states.",
        ),
        pictures=(("tosses.png", "A toss: place, turn, and both velocities over 0.7 s; the jumps are the cube meeting the table"),),
    ),
    Use(
        key="bridge",
        title="An arm at a toy sink",
        about="25 sequences of 10 steps of a WidowX, four cameras, instruction; RLDS. BridgeData V2 as in Octo's repository, MIT.",
        needs=DATA / "bridge",
        commands=(
            "lifeworld import $DATA/bridge -o bridge --licence MIT",
            "lifeworld check bridge",
            "lifeworld show bridge --episode 4 -o bridge.png",
            "lifeworld export bridge -o bridge_lerobot --as lerobot",
            "lifeworld learn bridge -o bridge_model --steps 100 --threads 1 --horizon 6",
            "lifeworld dream bridge_model --from bridge --episode 9 --actions recorded*6 -o bridge_dream.png",
        ),
        found=lambda said: [taken(said[0]), *told(said[0]), checked(said[1]), learned(said[4]), *scored(said[4])],
        poor=(
            "Ten steps are too short to learn from as usual, four pictures and sixteen ahead; so it learns six (`--horizon`).",
            "25 sequences of a second each, of as many tasks, are no data set to learn an arm from; two of them are held out.",
            "RLDS says no times. The tenth of a second is a guess, and noted.",
            "The file calls the seven actions “joint velocities”, a template's text; they are motions of the hand, kept without a unit.",
        ),
        pictures=(
            ("bridge.png", "An episode, two moments of each of four cameras, the last of them black; below, action and state"),
            ("bridge_dream.png", "A held-out sequence: the truth, the dream steered by what was done, and how sure it is (white: sure)"),
        ),
    ),
    Use(
        key="furniture",
        title="A furniture catalogue",
        about="Sweet Home 3D's catalogue of Blend Swap (Debian's package sweethome3d-furniture), public domain.",
        needs=FURNITURE / "BlendSwap-CC-0.sh3f",
        commands=(
            f"lifeworld import {FURNITURE}/BlendSwap-CC-0.sh3f --list",
            f"lifeworld import {FURNITURE}/BlendSwap-CC-0.sh3f --entry pianoAQueue -o furniture --name piano",
            "lifeworld make furniture/piano.toml -o piano --seconds 1 --signals rgb --pixels 480x360",
        ),
        found=lambda said: [
            f"{len(said[0]['entries'])} pieces listed.",
            asset(said[1]),
            f"Made into a world and recorded: {said[2]['cpu_s']:.0f} s of one core.",
        ],
        poor=(
            "What its drawer did not name as a part does not move: the lid of the piano stays as it is, and its keys are one piece.",
            "The weight is guessed from how thick the parts are.",
        ),
        pictures=(("piano/first.png", "A grand piano out of the catalogue, in a world"),),
    ),
    Use(
        key="robots",
        title="Other people's robots",
        about=(
            "MJCF out of packages on PyPI: OpenArm (`openarm-mujoco`, Apache-2.0), and the half-cheetah and Fetch of "
            "`gymnasium-robotics` (Farama, MIT). It does not say the terms of Fetch's meshes, so there is no picture of that here."
        ),
        needs=None,
        commands=(
            "pip download --quiet --no-deps --no-binary :all: openarm-mujoco==2.3.0 -d packages",
            "tar xzf packages/openarm_mujoco-2.3.0.tar.gz",
            "pip download --quiet --no-deps gymnasium-robotics==1.4.2 -d packages",
            "python -m zipfile -e packages/gymnasium_robotics-1.4.2-py3-none-any.whl gymnasium",
            "lifeworld import openarm_mujoco-2.3.0/v2/openarm_bimanual.xml -o robots --licence Apache-2.0 --creator Enactic",
            "lifeworld import gymnasium/gymnasium_robotics/envs/mujoco/assets/half_cheetah.xml -o robots --licence MIT",
            f"lifeworld import {ASSETS}/fetch/pick_and_place.xml -o robots --root {ASSETS}",
            "lifeworld make robots/openarm_bimanual.toml -o openarm --seconds 2 --agent random --pixels 480x360 --signals rgb",
            "lifeworld make robots/half_cheetah.toml -o cheetah --seconds 2 --agent random --pixels 480x360 --signals rgb",
        ),
        found=lambda said: [
            *map(asset, said[4:7]),
            *(f"Two seconds of it, acted in at random: {each['cpu_s']:.0f} s of one core." for each in said[7:9]),
        ],
        poor=(
            "A world's options (time step, friction cone) are left out by name: a robot tuned to them moves a little otherwise here.",
            "Fetch's file uses its neighbours' folders: without `--root` it is refused, and the refusal names the folder to give.",
        ),
        pictures=(("openarm/sheet.png", "OpenArm, two arms, over two seconds"), ("cheetah/sheet.png", "The half-cheetah over two seconds")),
    ),
    Use(
        key="gltf",
        title="A stranger's glTF",
        about="Controllers of headsets, from npm's package `@webxr-input-profiles/assets` (Amazon, MIT): 93 MB of .glb.",
        needs=None,
        commands=(
            "npm pack --silent @webxr-input-profiles/assets@1.0.20",
            "tar xzf webxr-input-profiles-assets-1.0.20.tgz",
            "lifeworld import package/dist/profiles/oculus-touch-v3/left.glb -o gltf --name touch --licence MIT",
            "lifeworld import package/dist/profiles/generic-hand/left.glb -o gltf --name hand --licence MIT",
            "lifeworld make gltf/touch.toml -o touch --seconds 1 --signals rgb --pixels 480x360",
        ),
        found=lambda said: [*map(asset, said[2:4]), *dict.fromkeys(note for each in said[2:4] for note in told(each))],
        poor=(
            "The hand is drawn for bones to move it: they are left out, and it comes as one stiff piece.",
            "How its buttons move stands in the file as pairs of nodes (`x_button_pressed_min`, `…_max`): a convention not known here, "
            "and it is one piece too.",
            "Most of that time goes into finding the parts it is touched by; `--collision hull` takes a tenth of it.",
        ),
        pictures=(("touch/first.png", "The controller of a headset, lying in a world"),),
    ),
)


if __name__ == "__main__":
    sys.exit(main())
