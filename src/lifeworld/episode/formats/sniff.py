"""What a file or folder from elsewhere is, told by what it holds; its name decides only what the content leaves open."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from lifeworld.core.errors import UnreadableFile, UnsafeFile

HEAD = 4096
"""Bytes looked at."""
MOST_JSON = 64 * 2**20


class Format(NamedTuple):
    """A neighbour's format: whether something is of it, the module whose `read` reads it, and what it is, for people.

    `sniff(path, head)` gets the first bytes of a file, and of a folder none.
    """

    sniff: Callable[[Path, bytes], bool]
    module: str
    what: str


def format_of(path: Path) -> str | None:
    """The name in FORMATS of what a file or folder is; None if it is none of them.

    Raises:
        UnreadableFile: if there is nothing there, or it cannot be opened.
        UnsafeFile: if it is a pickle: those are never opened, because opening one runs what it holds. (The one that looks like a table of
            Overcooked's trials is read without: overcooked.py.)
    """
    head = head_of(path)
    if not _trials(path, head):
        refuse_pickle(path, head)
    folder = path.is_dir()
    return next((name for name, each in FORMATS.items() if (name in FOLDERS) == folder and each.sniff(path, head)), None)


def head_of(path: Path) -> bytes:
    """The first bytes of a file; none of a folder."""
    if path.is_dir():
        return b""
    if not path.is_file():
        raise UnreadableFile("there is no such file or folder", where=str(path))
    try:
        with path.open("rb") as file:
            return file.read(HEAD)
    except OSError as error:
        raise UnreadableFile("the file cannot be opened", where=path.name, got=error.strerror) from error


def refuse_pickle(path: Path, head: bytes) -> None:
    """Raises UnsafeFile for a pickle, as Python, NumPy or PyTorch write them."""
    plain = len(head) > 2 and head[0] == 0x80 and 2 <= head[1] <= 5
    old = path.suffix.lower() in (".pkl", ".pickle", ".p") and not path.is_dir()
    torch = head[:4] == b"PK\x03\x04" and any(name.endswith("data.pkl") for name in _members(path))
    if plain or old or torch:
        raise UnsafeFile(
            "this is a pickle, which is never opened: opening one runs what it holds",
            where=path.name,
            fix="Save its arrays with numpy.savez, or its rows as CSV, where you trust it.",
        )


def kind_of(path: Path) -> str:
    """What a file that is no recording seems to be, in words."""
    head = head_of(path)
    for magic, what in _OTHERS.items():
        if head.startswith(magic):
            return what
    if not head:
        return "an empty file"
    try:
        plain = not any(byte < 9 for byte in head)
        head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        plain = plain and len(head) == HEAD and error.start >= HEAD - 3  # a letter cut in two
    return "text" if plain else f"a file that begins with {head[:8].hex(' ')}"


# -- what each looks like ---------------------------------------------------------------------------------------------------

_MEDIA = (
    b"\x1aE\xdf\xa3", b"GIF87a", b"GIF89a", b"fLaC", b"OggS", b"FLV\x01", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",
    b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3",
)  # fmt: skip
_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_OTHERS = {
    b"\xff\xd8\xff": "a single JPEG picture (a folder of them is a recording)",
    b"\x89PNG": "a single PNG picture (a folder of them is a recording)",
    b"PAR1": "a Parquet file (of a LeRobot data set? then give the folder that holds meta/)",
    b"PK\x03\x04": "a zip archive (unpack it first)",
    b"\x1f\x8b": "a gzip archive (unpack it first)",
    b"SQLite format 3": "a SQLite file (a ROS 2 bag? convert it: ros2 bag convert to mcap)",
    b"#ROSBAG": "a ROS 1 bag (convert it: mcap convert)",
    b"\x93NUMPY": "a single NumPy array (put it into an .npz with its times)",
    b"RRF": "a Rerun recording",
}


def _lerobot(path: Path, _head: bytes) -> bool:
    return "codebase_version" in _json(path / "meta" / "info.json")


def _bundle(path: Path, _head: bytes) -> bool:
    return "x_world" in _json(path / "meta" / "info.json")


def _tub(path: Path, _head: bytes) -> bool:
    if not (path / "manifest.json").is_file():
        return False
    from lifeworld.episode.formats.tub import is_tub

    return is_tub(path)


def _rlds(path: Path, _head: bytes) -> bool:
    return (path / "features.json").is_file() and any(path.glob("*.tfrecord*"))


def _pictures(path: Path, _head: bytes) -> bool:
    from lifeworld.episode.formats.pictures import pictures_in

    return len(pictures_in(path)) > 1


def _mcap(_path: Path, head: bytes) -> bool:
    return head.startswith(b"\x89MCAP0\r\n")


def _hdf5(path: Path, head: bytes) -> bool:
    return any(head[at:].startswith(b"\x89HDF\r\n\x1a\n") for at in (0, 512, 1024, 2048))


def _bvh(_path: Path, head: bytes) -> bool:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"HIERARCHY")


def _npz(path: Path, head: bytes) -> bool:
    return head.startswith(b"PK\x03\x04") and any(name.endswith(".npy") for name in _members(path))


def _media(_path: Path, head: bytes) -> bool:
    riff = head[:4] == b"RIFF" and head[8:12] in (b"AVI ", b"WAVE")
    stream = len(head) > 376 and head[0] == head[188] == head[376] == 0x47
    return head.startswith(_MEDIA) or head[4:8] in _BOXES or riff or stream


def _tfrecord(_path: Path, head: bytes) -> bool:
    from lifeworld.episode.codec.crc32c import crc32c
    from lifeworld.episode.formats.tfrecord import masked

    return len(head) >= 16 and masked(crc32c(head[:8])) == int.from_bytes(head[8:12], "little")


def _trials(_path: Path, head: bytes) -> bool:
    return head[:1] == b"\x80" and all(word in head for word in (b"DataFrame", b"joint_action", b"cur_gameloop", b"layout"))


def _csv(path: Path, head: bytes) -> bool:
    if b"\0" in head:
        return False
    from lifeworld.episode.formats.csv_log import is_log, layout

    return is_log(path) or (path.suffix.lower() in (".csv", ".tsv") and layout(path) is not None)


def _json(path: Path) -> dict[str, object]:
    try:
        if path.is_file() and path.stat().st_size <= MOST_JSON:
            said = json.loads(path.read_bytes())
            return said if isinstance(said, dict) else {}
    except (OSError, ValueError, RecursionError):
        pass  # whatever it is, it is not this
    return {}


def _members(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return [".npy"] if path.suffix.lower() == ".npz" else []  # torn: its reader says what is wrong


_HERE = "lifeworld.episode.formats"
FOLDERS = {
    "bundle": Format(_bundle, f"{_HERE}.ours", "a bundle of lifeworld's own"),
    "lerobot": Format(_lerobot, f"{_HERE}.lerobot", "a LeRobot data set, v2.1 or v3 (meta/info.json)"),
    "tub": Format(_tub, f"{_HERE}.tub", "a donkeycar tub, v2 (manifest.json and catalogs)"),
    "rlds": Format(_rlds, f"{_HERE}.rlds", "an RLDS data set (features.json and .tfrecord)"),
    "pictures": Format(_pictures, f"{_HERE}.pictures", "a folder of JPEG or PNG pictures"),
}
FILES = {
    "mcap": Format(_mcap, f"{_HERE}.mcap", "an MCAP log"),
    "hdf5": Format(_hdf5, f"{_HERE}.hdf5", "an HDF5 file (robomimic, ALOHA, D4RL …)"),
    "bvh": Format(_bvh, f"{_HERE}.bvh", "motion capture (BVH)"),
    "npz": Format(_npz, f"{_HERE}.npz", "NumPy arrays (.npz)"),
    "media": Format(_media, f"{_HERE}.media", "video or sound (mp4, mov, mkv, webm, avi, gif, wav, flac …)"),
    "tfrecord": Format(_tfrecord, f"{_HERE}.rlds", "a shard of an RLDS data set (.tfrecord)"),
    "overcooked": Format(_trials, f"{_HERE}.overcooked", "trials of Overcooked-AI, two people cooking (clean_train_trials.pickle)"),
    "csv": Format(_csv, f"{_HERE}.csv_log", "a text log with a column of times (.csv, .tsv)"),
}
FORMATS: dict[str, Format] = {**FOLDERS, **FILES}
"""Every format that can be taken in, those of folders first; the first that fits is it."""
SUFFIXES = {
    ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".gif", ".mpg", ".mpeg", ".ts", ".ogv", ".ogg", ".flv", ".wmv", ".wav", ".flac",
    ".mcap", ".hdf5", ".h5", ".bvh", ".npz", ".csv", ".tsv", ".tfrecord", ".pkl", ".pickle",
}  # fmt: skip
"""Names of recordings: a file called so that is none is worth a word."""
