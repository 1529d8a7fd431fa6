"""What the product imports is what `make run` installs: the tests' own packages hide nothing."""

import re
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).parents[2] / "requirements" / "run.txt"
LOADED = """
import sys
from importlib.metadata import packages_distributions
import bot.serving, bot.channels.telegram, storage.store
of = packages_distributions()
print(*{name for module in sys.modules for name in of.get(module.partition(".")[0], ())})
"""


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_package_that_serving_imports_is_locked_for_make_run() -> None:
    locked = {plain(name) for name in re.findall(r"^([\w.-]+)==", LOCK.read_text("utf-8"), re.MULTILINE)}
    command = [sys.executable, "-c", LOADED]
    found = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  our own code
    assert {plain(name) for name in found.stdout.split()} - locked - {"rescind", "rescind-mount"} == set()
