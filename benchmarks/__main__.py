"""`make bench`: measures what the project claims of its speed, and prints what was expected beside it."""

import argparse
import os
import platform
from collections.abc import Callable, Coroutine
from pathlib import Path

import uvloop

from benchmarks import desk, standing, store, telegram, web_chat

PARTS: dict[str, Callable[[], Coroutine[object, object, object]]] = {
    "store": store.main,
    "web": web_chat.main,
    "telegram": telegram.main,
    "desk": desk.main,
    "standing": standing.main,
}


def machine() -> str:
    """What the figures depend on."""
    names = [n for n in Path("/proc/cpuinfo").read_text("utf-8").splitlines() if n.startswith("model name")]
    model = names[0].partition(":")[2].strip() if names else platform.machine()
    load = os.getloadavg()[0]
    busy = f"; others are at work here (load {load:.1f}), so figures are lower than they could be"
    return (
        f"{len(os.sched_getaffinity(0))} cores ({model}), {platform.python_implementation()} "
        f"{platform.python_version()}, {platform.system()} {platform.release()}{busy if load > 0.5 else ''}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"any of {', '.join(PARTS)}; all where none is named")
    chosen = parser.parse_args().parts or list(PARTS)
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    print(machine())
    for part in chosen:
        print()
        uvloop.run(PARTS[part]())
    print("\nHow this is measured, and what limits it: benchmarks/README.md")


if __name__ == "__main__":
    main()
