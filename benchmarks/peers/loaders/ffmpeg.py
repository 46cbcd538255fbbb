"""For this table only: torchcodec asks the system for FFmpeg; here it is given the one that the PyAV beside it carries.

Its wheel's libraries have a hash in their names, so a folder in the environment holds links to them under the names torchcodec asks
for, and the script begins anew with that folder in LD_LIBRARY_PATH. So it is FFmpeg 7.1 on every machine, whatever is installed there.
"""

from __future__ import annotations

import os
import re
import sys
import sysconfig
from pathlib import Path


def _begin_anew() -> None:
    """Once, where FFmpeg is found."""
    carried, folder = Path(sysconfig.get_path("purelib")) / "av.libs", Path(sys.prefix) / "ffmpeg"
    if os.environ.get("LD_LIBRARY_PATH", "").startswith(str(folder)):
        return
    folder.mkdir(exist_ok=True)
    for file in carried.iterdir():
        plain = re.sub(r"-[0-9a-f]{8}(\.so\.\d+).*", r"\1", file.name)
        for name in {file.name, plain}:
            if not (folder / name).exists():
                (folder / name).symlink_to(file)
    os.environ["LD_LIBRARY_PATH"] = f"{folder}:{os.environ.get('LD_LIBRARY_PATH', '')}"
    os.execv(sys.executable, [sys.executable, *sys.argv])


_begin_anew()
