"""The child stays within its bounds, and going over each of them is an error that names it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from lifeworld.core.errors import FileTooLarge, LimitError, MissingExtra, UnreadableFile
from lifeworld.scene.formats import Limits, import_file
from lifeworld.scene.formats.sandbox import Failure, Job, _death, _revived, run_child, workplace


@pytest.fixture
def knot(tmp_path: Path) -> Path:
    """A mesh that takes long to take apart: a hundred crossed spikes in one piece."""
    path = tmp_path / "knot.obj"
    lines = []
    for i in range(4_000):
        x, y, z = (i * 7919 % 97) / 97, (i * 104729 % 89) / 89, (i * 1299709 % 83) / 83
        lines += [f"v {x} {y} {z}", f"v {y} {z} {x}", f"v {z} {x} {y}", f"f {3 * i + 1} {3 * i + 2} {3 * i + 3}"]
    path.write_text("\n".join(lines))
    return path


def test_too_much_computing(knot: Path, tmp_path: Path) -> None:
    with pytest.raises(FileTooLarge, match=r"knot.obj: it takes more than 1 s of computing.*cpu_s"):
        import_file(knot, tmp_path / "out", limits=Limits(cpu_s=1))
    assert not (tmp_path / "out").exists()


def test_too_much_time(knot: Path, tmp_path: Path) -> None:
    with pytest.raises(FileTooLarge, match=r"it takes more than 1 s\..*wall_s"):
        import_file(knot, tmp_path / "out", limits=Limits(wall_s=1))


def test_too_much_memory(knot: Path, tmp_path: Path) -> None:
    with pytest.raises(FileTooLarge, match=r"bytes of memory"):
        import_file(knot, tmp_path / "out", limits=Limits(memory_bytes=150_000_000))


def test_too_much_output(cube_obj: Path, tmp_path: Path) -> None:
    with pytest.raises(FileTooLarge, match=r"bytes of files"):
        import_file(cube_obj, tmp_path / "out", limits=Limits(output_bytes=100))


@pytest.mark.parametrize(
    ("code", "noise", "error", "words"),
    [
        (-signal.SIGXCPU, "", FileTooLarge, "of computing"),
        (-signal.SIGXFSZ, "", FileTooLarge, "of files"),
        (-signal.SIGKILL, "", FileTooLarge, "of memory"),
        (-signal.SIGABRT, "terminate called after throwing an instance of 'std::bad_alloc'", FileTooLarge, "of memory"),
        (1, "ERROR: Could not allocate memory", FileTooLarge, "of memory"),
        (-signal.SIGSEGV, "", UnreadableFile, "SIGSEGV"),
        (3, "last words\n", UnreadableFile, "last words"),
    ],
)
def test_how_a_child_died_is_said(code: int, noise: str, error: type[Exception], words: str) -> None:
    assert isinstance(found := _death(code, noise, Limits(), "x.obj"), error)
    assert words in str(found)


def test_the_childs_bounds_are_real(tmp_path: Path) -> None:
    """Asks the child's own process for its limits, after it has bound itself as it does for each job."""
    code = (
        "import resource; from lifeworld.scene.formats.child import bind; from lifeworld.scene.formats.limits import Limits\n"
        "bind(Limits(cpu_s=7, memory_bytes=1 << 30, output_bytes=12345))\n"
        "print([resource.getrlimit(r) for r in (resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE)])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == f"[(7, 9), ({1 << 30}, {1 << 30}), (12345, 12345), (0, 0)]"


def test_the_child_sees_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cube_obj: Path) -> None:
    from lifeworld.scene.formats import sandbox

    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    seen: dict[str, str] = {}
    started = subprocess.Popen

    def watch(*args: object, **kwargs: object) -> object:
        seen.update(kwargs["env"])  # type: ignore[call-overload]
        return started(*args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(sandbox.subprocess, "Popen", watch)
    import_file(cube_obj, tmp_path / "out", collision="box")
    assert seen["HOME"].startswith(os.path.realpath(os.environ.get("TMPDIR", "/tmp")))
    assert not any("hunter2" in value for value in seen.values())


def test_an_unknown_task_is_an_answer_not_a_hang(tmp_path: Path) -> None:
    with workplace() as work, pytest.raises(UnreadableFile, match="broke its reader"):
        run_child(Job("nothing", str(tmp_path / "x"), str(tmp_path), str(work), Limits(), {}), shown="x")


def test_errors_come_back_as_what_they_were() -> None:
    failure = Failure("FileTooLarge", "too much", where="x.obj", got="9", expected="3", fix="Less.")
    assert str(_revived(msgspec.json.decode(msgspec.json.encode(failure), type=Failure))) == "x.obj: too much; got 9, expected 3. Less."
    assert isinstance(_revived(Failure("MissingExtra", "convex parts needs an extra", extra="formats")), MissingExtra)
    assert isinstance(_revived(Failure("SystemExit", "x")), UnreadableFile)  # only errors of our own tree


def test_limits_are_numbers() -> None:
    with pytest.raises(LimitError, match="cpu_s"):
        Limits(cpu_s=0)
    with pytest.raises(LimitError, match="mesh_faces"):
        Limits(mesh_faces=1.5)  # type: ignore[arg-type]


def test_importing_the_importers_loads_no_engine() -> None:
    code = "import sys, lifeworld.scene.formats; print([m for m in ('mujoco', 'PIL', 'scipy', 'coacd', 'trimesh') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"
