"""A signed file says who, what and of what; no byte of it changes unseen; and strangers' bytes break nothing."""

from __future__ import annotations

import io
import json
import os
import socket
import stat
import wave
import zipfile
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from lifeworld.cli import main
from lifeworld.core.errors import InputError, LifeworldError, UnreadableFile
from lifeworld.core.origin import Origin, Provenance
from lifeworld.episode.formats.film_write import write_pages
from lifeworld.provenance import Authority, Made, sign, verify
from lifeworld.provenance.authority import known, remember
from lifeworld.provenance.inspect import inspect
from lifeworld.provenance.made import SOURCE
from lifeworld.provenance.sign import SETTINGS, library


def made(origin: Origin = Origin.SIMULATED, **more: object) -> Made:
    provenance = Provenance.now(engine="mujoco", engine_version="4.0.1", seed=7, scene_sha256="a" * 64, parents=("0192-uid",))
    return Made(title="A table", origin=origin, provenance=provenance, **more)  # type: ignore[arg-type]


def png(path: Path) -> None:
    Image.new("RGB", (64, 48), (10, 200, 30)).save(path)


def mp4(path: Path) -> None:
    pages = [np.full((48, 64, 3), 20 * k, np.uint8) for k in range(5)]
    write_pages(pages, path, fps=Fraction(10), title="t", comment="c")


def wav(path: Path) -> None:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(bytes(4000))


def world(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as out:
        out.writestr("world.json", "{}")
        out.writestr("scene.toml", "lifeworld = 1\n")


ENTRIES = ("world.json", "scene.toml")
WRITERS = {"png": png, "mp4": mp4, "wav": wav, "world": world}


@pytest.fixture(scope="module")
def ada(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.at(tmp_path_factory.mktemp("ada"), name="Ada")


@pytest.mark.parametrize("form", list(WRITERS))
def test_a_signed_file_says_who_what_and_of_what(form: str, tmp_path: Path, ada: Authority) -> None:
    file = tmp_path / f"x.{form}"
    WRITERS[form](file)
    before = file.read_bytes()
    assert inspect(file, known(ada.folder)).standing == "unsigned"
    sign(file, made(changes=("put a glass on the magazine",)), authority=ada)
    assert 0 < file.stat().st_size - len(before) < 8_000  # no thumbnail
    found = inspect(file, known(ada.folder))
    assert (found.standing, found.who, found.origin, found.exit_code) == ("known", "Ada", "simulated", 0)
    assert found.made is not None
    assert {k: found.made[k] for k in ("engine", "seed", "scene_sha256", "parents")} == {
        "engine": "mujoco", "seed": 7, "scene_sha256": "a" * 64, "parents": ["0192-uid"],
    }  # fmt: skip
    assert found.made["changes"] == ["put a glass on the magazine"]
    assert [p["title"] for p in found.parents] == ["0192-uid"]
    assert found.fingerprint == ada.fingerprint
    for word in ("Ada", "simulated", "mujoco 4.0.1", "seed 7", "0192-uid", "put a glass"):
        assert word in found.told
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    assert inspect(file, known(ada.folder)).standing in ("changed", "unsigned")


def test_what_was_signed_can_still_be_opened(tmp_path: Path, ada: Authority) -> None:
    for form, write in WRITERS.items():
        write(tmp_path / f"x.{form}")
        sign(tmp_path / f"x.{form}", made(), authority=ada)
    assert Image.open(tmp_path / "x.png").getpixel((3, 3)) == (10, 200, 30)
    with zipfile.ZipFile(tmp_path / "x.world") as packed:
        assert packed.testzip() is None
        assert packed.read("scene.toml") == b"lifeworld = 1\n"
    with wave.open(str(tmp_path / "x.wav")) as sound:
        assert sound.getnframes() == 2000


def test_a_stranger_is_a_stranger_until_remembered(tmp_path: Path, ada: Authority) -> None:
    file = tmp_path / "x.png"
    png(file)
    sign(file, made(Origin.DREAMED), authority=ada)
    here = Authority.at(tmp_path / "me").folder
    found = verify(file, folder=here)
    assert (found.standing, found.origin, found.exit_code, found.fingerprint) == ("stranger", "dreamed", 3, ada.fingerprint)
    assert "may be anybody" in found.told
    assert found.authority is not None
    assert remember(here, found.authority) == ada.fingerprint
    assert verify(file, folder=here).standing == "known"


def test_nobody_signs_in_the_name_of_another_authority(tmp_path: Path, ada: Authority) -> None:
    eve = Authority.at(tmp_path / "eve", name="Ada")  # the same name, other keys
    lying = Authority(eve.folder, eve.name, eve.chain, ada.pem, eve.key)  # says that Ada's authority vouches for it
    file = tmp_path / "x.png"
    png(file)
    sign(file, made(), authority=lying)
    found = inspect(file, known(ada.folder))
    assert (found.standing, found.fingerprint) == ("stranger", None)
    sign_chain = Authority(eve.folder, eve.name, eve.chain.replace(eve.pem, ada.pem), ada.pem, eve.key)
    png(file)
    try:
        sign(file, made(), authority=sign_chain)
    except LifeworldError:
        return
    assert inspect(file, known(ada.folder)).standing in ("stranger", "changed")


def test_files_it_was_made_of_bring_their_own_signature(tmp_path: Path, ada: Authority) -> None:
    first, second = tmp_path / "first.png", tmp_path / "second.png"
    png(first), png(second)
    sign(first, made(), authority=ada)
    sign(second, made(Origin.MIXED), authority=ada, sources=[first])
    parents = inspect(second, known(ada.folder)).parents
    assert {p["title"]: p["held"] for p in parents} == {"0192-uid": None, "first.png": True}


@given(at=st.integers(0, 10**6), flip=st.integers(1, 255))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_byte_changes_unseen(at: int, flip: int, tmp_path: Path, ada: Authority) -> None:
    signed = tmp_path / "signed.world"
    if not signed.exists():
        world(signed)
        sign(signed, made(), authority=ada)
    data = bytearray(signed.read_bytes())
    data[at % len(data)] ^= flip
    file = tmp_path / "x.world"
    file.write_bytes(data)
    found = inspect(file, known(ada.folder))
    if found.standing == "known":  # what a zip does not look at: the contents are the same all the same
        with zipfile.ZipFile(signed) as was, zipfile.ZipFile(io.BytesIO(bytes(data))) as now:
            assert [was.read(n) for n in ENTRIES] == [now.read(n) for n in ENTRIES]


@given(
    noise=st.binary(max_size=400),
    head=st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04", b"RIFF____WAVE", b"____ftyp", b"\xff\xd8\xff"]),
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_noise_has_no_author(noise: bytes, head: bytes, tmp_path: Path) -> None:
    file = tmp_path / "noise"
    file.write_bytes(head + noise)
    assert inspect(file, {}).standing in ("unsigned", "changed")


def test_an_entry_smuggled_into_a_world_is_seen(tmp_path: Path, ada: Authority) -> None:
    file = tmp_path / "x.world"
    world(file)
    sign(file, made(), authority=ada)
    with zipfile.ZipFile(file, "a") as more:
        more.writestr("extra", "hi")
    assert inspect(file, known(ada.folder)).standing == "changed"


def test_keys_are_their_owners_alone_and_made_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        prints = {a.fingerprint for a in pool.map(lambda _: Authority.at(tmp_path / "keys"), range(4))}
    assert len(prints) == 1
    mine = tmp_path / "keys" / "mine"
    assert stat.S_IMODE(mine.stat().st_mode) == 0o700
    for name in ("author.key", "authority.key"):
        assert stat.S_IMODE((mine / name).stat().st_mode) == 0o600
    assert sorted(os.listdir(tmp_path / "keys")) == ["mine"]
    renamed = Authority.at(tmp_path / "keys", name="Grace")
    assert (renamed.name, renamed.fingerprint) == ("Grace", prints.pop())
    assert Authority.at(tmp_path / "keys").name == "Grace"
    with pytest.raises(InputError):
        Authority.at(tmp_path / "keys", name="two\nlines")
    (mine / "author.key").write_text("nothing")
    with pytest.raises(UnreadableFile, match="damaged"):
        Authority.at(tmp_path / "keys")


def test_nothing_is_half_signed(tmp_path: Path, ada: Authority) -> None:
    broken = tmp_path / "x.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nnothing more")
    with pytest.raises(UnreadableFile):
        sign(broken, made(), authority=ada)
    assert broken.read_bytes() == b"\x89PNG\r\n\x1a\nnothing more"
    text = tmp_path / "x.txt"
    text.write_text("hello")
    with pytest.raises(UnreadableFile, match="carries no signature"):
        sign(text, made(), authority=ada)
    assert sorted(os.listdir(tmp_path)) == ["x.png", "x.txt"]


def test_the_command_says_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ada: Authority) -> None:
    monkeypatch.setenv("LIFEWORLD_SIGNING", str(tmp_path / "me"))
    file = tmp_path / "x.png"
    png(file)
    assert main(["verify", str(file)]) == 4
    sign(file, made(), authority=ada)
    assert main(["verify", str(file), "--json"]) == 3
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (said["standing"], said["who"], said["origin"], said["ok"]) == ("stranger", "Ada", "simulated", False)
    assert main(["verify", str(file), "--remember"]) == 0
    assert "is known here" in capsys.readouterr().out
    assert main(["verify"]) == 0
    assert "You sign as" in capsys.readouterr().out
    assert main(["verify", str(tmp_path / "nothing")]) == 2


def test_nothing_is_fetched_from_anywhere(tmp_path: Path, ada: Authority) -> None:
    """A file that says its manifest lies at an address is not followed there."""
    with socket.create_server(("127.0.0.1", 0)) as there:
        there.setblocking(False)
        c2pa = library()
        info = c2pa.C2paSignerInfo("es256", ada.chain.encode(), ada.key, None)
        said = {"claim_generator_info": [{"name": "x", "version": "1"}], "format": "image/png", "assertions": [
            {"label": "c2pa.actions", "data": {"actions": [{"action": "c2pa.created", "digitalSourceType": SOURCE[Origin.MEASURED]}]}},
        ]}  # fmt: skip
        plain, remote = tmp_path / "x.png", tmp_path / "remote.png"
        png(plain)
        with (
            c2pa.Context.from_dict(SETTINGS) as context,
            c2pa.Signer.from_info(info) as by,
            c2pa.Builder(json.dumps(said), context=context) as builder,
            plain.open("rb") as stream,
            remote.open("w+b") as out,
        ):
            builder.set_no_embed()
            builder.set_remote_url(f"http://127.0.0.1:{there.getsockname()[1]}/manifest")
            builder.sign(by, "image/png", stream, out)
        assert b"127.0.0.1" in remote.read_bytes()
        assert inspect(remote, known(ada.folder)).standing in ("unsigned", "changed")
        with pytest.raises(BlockingIOError):  # nobody called
            there.accept()
