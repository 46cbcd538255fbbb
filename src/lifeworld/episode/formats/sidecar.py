"""What lies beside a recording under the same name: STEM.json, STEM.txt, STEM.srt become an instruction, captions and labels.

.json   instruction, task or prompt: the instruction; caption, text or description: captions; other plain values: labels
.txt    a caption of the whole
.srt    captions at their times
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np

from lifeworld.core.origin import Origin
from lifeworld.core.signal import CAPTION_DTYPE, SIGNALS, Stream
from lifeworld.core.time import NS_PER_S
from lifeworld.episode.formats.report import Report

SUFFIXES = (".json", ".txt", ".srt")
MOST_BYTES = 4 * 2**20
INSTRUCTIONS = ("instruction", "language_instruction", "task", "prompt")
CAPTIONS = ("caption", "captions", "text", "description", "transcript")
MOST_LETTERS = CAPTION_DTYPE.itemsize // 4
_MOST_INSTRUCTION = SIGNALS["instruction"].dtype.itemsize // 4
_CUE = re.compile(r"(\d+):(\d\d):(\d\d)[,.](\d{1,3})\s*-->")


@dataclass(slots=True)
class Sidecar:
    """What was said beside a recording: captions by their times [ns] on the recording's clock."""

    labels: dict[str, str] = field(default_factory=dict)
    instruction: str = ""
    captions: dict[int, list[str]] = field(default_factory=dict)

    def streams(self, zero_ns: int) -> list[Stream]:
        """As streams; `zero_ns` is where the episode starts on the recording's clock. What is said before it stands at its start."""
        made = []
        if self.instruction:
            words = np.array([self.instruction], dtype=SIGNALS["instruction"].dtype)
            made.append(Stream(SIGNALS["instruction"], np.zeros(1, np.int64), words, origin=Origin.MEASURED))
        moved: dict[int, list[str]] = {}
        for time_ns, said in sorted(self.captions.items()):
            moved.setdefault(max(time_ns - zero_ns, 0), []).extend(said)
        if moved:
            rows = [np.array(said, dtype=CAPTION_DTYPE) for said in moved.values()]
            made.append(Stream(SIGNALS["captions"], np.array(list(moved), dtype=np.int64), rows, origin=Origin.MEASURED))
        return made


def sidecars(path: Path) -> list[Path]:
    """The files beside a recording that say something of it: of the same stem, and of arrays params.json too."""
    if path.suffix.lower() == ".npz":
        return [p for p in (path.with_suffix(".json"), path.with_name("params.json")) if p.is_file()]
    return [beside for suffix in SUFFIXES if (beside := path.with_suffix(suffix)).is_file() and beside != path]


def read_sidecars(path: Path, *, start_ns: int, report: Report) -> Sidecar:
    """What stands beside a recording; captions of the whole stand at `start_ns` on its clock. What cannot be read is reported."""
    said = Sidecar()
    for beside in sidecars(path):
        try:
            if beside.stat().st_size > MOST_BYTES:
                report.skip(beside.name, f"it is longer than a text beside a recording: more than {MOST_BYTES:,} bytes")
                continue
            text = beside.read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            report.skip(beside.name, f"it is no text: {error}")
            continue
        if beside.suffix == ".json":
            _json(text, beside.name, said, start_ns, report)
        elif beside.suffix == ".srt":
            _srt(text, beside.name, said, report)
        elif text.strip():
            said.captions.setdefault(start_ns, []).extend(pieces(text))
    return said


def pieces(text: str, most: int = MOST_LETTERS) -> list[str]:
    """A text as lines short enough for a caption, cut between words."""
    lines = [""]
    for word in text.replace("\0", " ").split():
        for part in (word[i : i + most] for i in range(0, len(word), most)):
            if lines[-1] and len(lines[-1]) + 1 + len(part) > most:
                lines.append("")
            lines[-1] += f" {part}" if lines[-1] else part
    return lines if lines[0] else []


def _json(text: str, name: str, said: Sidecar, start_ns: int, report: Report) -> None:
    try:
        found = msgspec.json.decode(text.encode())
    except (msgspec.DecodeError, RecursionError) as error:
        report.skip(name, f"it is no JSON: {error}")
        return
    if not isinstance(found, dict):
        report.note(f"{name}: left out, it is not an object with names")
        return
    for key, value in found.items():
        if key.lower() in INSTRUCTIONS and isinstance(value, str) and 0 < len(value) <= _MOST_INSTRUCTION and not said.instruction:
            said.instruction = value.replace("\0", " ")
        elif key.lower() in CAPTIONS and isinstance(value, str | list) and all(isinstance(v, str) for v in value):
            for each in [value] if isinstance(value, str) else value:
                said.captions.setdefault(start_ns, []).extend(pieces(each))
        elif isinstance(value, str | int | float | bool):
            said.labels[key] = str(value)
        elif value is not None:
            report.note(f"{name}: {key} is left out, it is no plain value")


def _srt(text: str, name: str, said: Sidecar, report: Report) -> None:
    cues = 0
    for block in re.split(r"\r?\n[ \t]*\r?\n", text):
        lines = block.strip().splitlines()
        at = next((i for i, line in enumerate(lines) if _CUE.match(line.strip())), None)
        if at is None:
            continue
        found = _CUE.match(lines[at].strip())
        assert found is not None
        hours, minutes, seconds = (min(int(number), 10**6) for number in found.groups()[:3])
        time_ns = (hours * 3600 + minutes * 60 + seconds) * NS_PER_S + int(found[4].ljust(3, "0")) * 1_000_000
        words = re.sub(r"<[^>]*>|\{\\[^}]*\}", "", " ".join(lines[at + 1 :]))  # italics and places on the screen
        said.captions.setdefault(time_ns, []).extend(pieces(words))
        cues += 1
    said.captions = {time_ns: lines for time_ns, lines in said.captions.items() if lines}
    if not cues:
        report.skip(name, "it holds no subtitles")
