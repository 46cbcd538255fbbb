"""The doctor: it tries things for real, notices what is broken, and loads nothing heavy itself."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from lifeworld.doctor import Check, examine, machine, renderer
from lifeworld.doctor.check import Need, ran, tried
from lifeworld.doctor.mend import absent, pip_extra, wanted

ROOT = Path(__file__).parents[2]
NEED = Need(name="thing", needed_for="tests", mend="mend it")


@pytest.fixture(scope="module")
def checks() -> list[Check]:
    return examine()


def test_each_row_says_what_it_is_for_and_how_to_mend_it(checks: list[Check]) -> None:
    assert len({check.name for check in checks}) == len(checks)
    for check in checks:
        print(f"{check.state:<8} {check.name:<10} {check.found}")
        assert check.state in ("ok", "missing", "broken")
        assert check.found
        assert "\n" not in check.found
        assert check.needed_for
        assert (check.mend is None) == (check.state == "ok")


def test_what_these_tests_run_on_works(checks: list[Check]) -> None:
    states = {check.name: check.state for check in checks}
    for name in ("python", "packages", "mujoco", "rays", "episodes", "formats"):
        assert states[name] == "ok", name
    assert renderer(checks) is not None


def test_renderer_is_the_first_that_works() -> None:
    def row(name: str, works: bool) -> Check:
        need = Need(name=name, needed_for="pictures", mend="mend it")
        return need.ok("there") if works else need.missing("not there")

    for egl in (True, False):
        for osmesa in (True, False):
            for rays in (True, False):
                expected = "egl" if egl else "osmesa" if osmesa else "rays" if rays else None
                assert renderer([row("rays", rays), row("osmesa", osmesa), row("egl", egl)]) == expected


@pytest.mark.parametrize(
    ("program", "state", "found"),
    [
        ("""print('{"ok": true, "found": "here"}')""", "ok", "here"),
        ("""print('talk'); print('{"ok": true, "found": "here"}')""", "ok", "here"),
        ("""print('{"ok": false, "missing": true, "why": "gone"}')""", "missing", "gone"),
        ("""print('{"ok": false, "missing": false, "why": "bent"}')""", "broken", "bent"),
        ("raise ImportError('libthing.so: cannot open')", "broken", "ImportError: libthing.so: cannot open"),
        ("import os; os.abort()", "broken", "killed by signal 6"),
        ("print('what?')", "broken", "said nothing"),
        ("import time; time.sleep(60)", "broken", "no answer within 2 s"),
    ],
)
def test_a_child_may_say_crash_or_hang(program: str, state: str, found: str) -> None:
    check = tried(NEED, ["-c", program], timeout_s=2 if "sleep" in program else 60)
    assert check.state == state
    assert found in check.found


def test_a_program_that_is_not_there_is_told() -> None:
    code, out, why = ran(["no-such-program-here"], timeout_s=5)
    assert code != 0
    assert out == ""
    assert "no-such-program-here" in why


def test_the_asking_process_loads_nothing_heavy() -> None:
    program = """
import sys
from lifeworld.doctor import examine
examine()
print(sorted({name.partition(".")[0] for name in sys.modules} & {"mujoco", "torch", "av", "OpenGL", "coacd", "scipy", "numpy"}))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(json.loads(done.stdout.replace("'", '"'))) <= {"numpy"}


def test_doctor_prints_one_object_and_0_on_a_sound_install() -> None:
    done = subprocess.run([sys.executable, "-m", "lifeworld.cli", "doctor", "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(done.stdout)
    assert said["ok"] is True
    assert said["broken"] == []
    assert {row["name"] for row in said["checks"]} >= {
        "python",
        "cores",
        "memory",
        "disk",
        "egl",
        "osmesa",
        "torch",
        "gpu",
        "browser",
        "furniture",
    }


def test_doctor_ends_with_1_where_the_engine_is_broken(tmp_path: Path) -> None:
    """A package that shadows the engine and fails as a wheel for another system does."""
    (tmp_path / "mujoco").mkdir()
    (tmp_path / "mujoco" / "__init__.py").write_text("raise ImportError('libmujoco.so: wrong ELF class')\n")
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-m", "lifeworld.cli", "doctor"], capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 1
    assert "broken   mujoco" in done.stdout
    assert "wrong ELF class" in done.stdout
    assert "No picture can be made." in done.stdout
    assert "mend: " in done.stdout


def test_a_plug_in_that_does_not_load_is_named(tmp_path: Path) -> None:
    """A real distribution on the path, whose entry point leads nowhere."""
    about = tmp_path / "odd_engine-1.2.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: odd-engine\nVersion: 1.2\n")
    (about / "entry_points.txt").write_text("[lifeworld.engines]\nodd = odd_engine:World\n")
    program = "from lifeworld.doctor.parts import PARTS; print(next(p for p in PARTS if p.__name__ == '_plugs')(60))"
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=env)
    assert "state='broken'" in done.stdout
    assert "lifeworld.engines: odd of odd-engine 1.2 does not load" in done.stdout


@pytest.mark.parametrize(("says", "state"), [("echo 'H200, 143771 MiB, 580.1'", "ok"), ("echo driver mismatch >&2; exit 18", "broken")])
def test_gpu_is_what_nvidia_smi_says(says: str, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lifeworld.doctor.parts import PARTS

    tool = tmp_path / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n{says}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    gpu = next(part for part in PARTS if part.__name__ == "gpu")
    assert gpu(30).state == state


def test_what_is_wanted_is_what_the_project_file_says() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    def names(requirements: list[str]) -> set[str]:
        cut = (one.split("[")[0].split("=")[0].split("<")[0].split(">")[0].strip().lower() for one in requirements)
        return {name for name in cut if name != "lifeworld"}

    assert {name.lower() for name in wanted()} == names(project["dependencies"])
    for extra, requirements in project["optional-dependencies"].items():
        named = {name.lower() for name in wanted(extra)}
        whole = not any(one.startswith("lifeworld[") for one in requirements)  # the build writes such a one out
        assert named == names(requirements) if whole else named >= names(requirements), extra
    assert absent() == []


def test_the_command_for_an_extra_names_this_install() -> None:
    words = shlex.split(pip_extra("studio"))
    assert words[0] == sys.executable
    assert words[1:4] == ["-m", "pip", "install"]
    assert words[-1].endswith("[studio]")
    where = words[-1].removesuffix("[studio]")
    assert where == "lifeworld" or (Path(where) / "pyproject.toml").is_file()


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="there is no folder here that takes no file even from root")
def test_folders_that_take_no_file_are_told_with_what_names_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in machine.KEPT:
        monkeypatch.setenv(name, str(tmp_path / name))
    assert machine.folders(1).state == "ok"
    assert list(tmp_path.iterdir()) == [], "the doctor leaves nothing behind"
    monkeypatch.setenv("XDG_DATA_HOME", "/proc/self")
    told = machine.folders(1)
    assert told.state == "broken"
    assert "XDG_DATA_HOME" in told.found
    assert told.mend is not None
    assert all(f"{name}=FOLDER" in told.mend for name in machine.KEPT)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="there is no folder here that takes no file even from root")
def test_a_folder_to_work_in_that_takes_no_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(machine, "LEAST_GIB", 0.0)
    assert machine.disk(1).state == "ok"
    monkeypatch.setattr(machine, "LEAST_GIB", 1e9)
    assert "GiB free" in machine.disk(1).found
    assert machine.disk(1).state == "broken"
    monkeypatch.chdir("/proc/self")
    assert "takes no file" in machine.disk(1).found
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert machine.disk(1).state == "broken"
