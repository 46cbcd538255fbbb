"""A studio in a process of its own, for bench_studio.py: serves one scene and says where, in one JSON line.

python -m benchmarks.studio_server SCENE.toml
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress

from lifeworld.scene.starter import find
from lifeworld.studio.serve import Server
from lifeworld.studio.session import Session


def main(scene: str) -> None:
    server = Server()
    session = server.studio.add(Session(find(scene)))
    session.wait()
    door = server.studio.door
    print(json.dumps({"port": door.port, "key": door.bearer, "session": session.name, "link": door.link}), flush=True)
    with suppress(KeyboardInterrupt):
        server.run()


if __name__ == "__main__":
    main(sys.argv[1])
