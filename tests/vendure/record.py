"""Records what passes between the adapter and a live Vendure: `python -m tests.vendure.record`.

Needed when the adapter asks something else than before, or for another version of Vendure.
"""

import asyncio
import json
import tempfile
from pathlib import Path

from tests.bot.orders.vendure_playing import RECORDINGS, played
from tests.bot.orders.vendure_scenarios import SCENARIOS
from tests.vendure.hands import Catalogue, hands
from tests.vendure.running import HERE, vendure

_VERSION = json.loads((HERE / "package.json").read_text())["dependencies"]["@vendure/core"]
_SOURCE = (
    f"Recorded from a live Vendure {_VERSION} (tests/vendure/server.mjs, SQLite in memory) by "
    "`python -m tests.vendure.record`; tokens are renamed and logins left out."
)


async def record(url: str) -> None:
    """Every scenario into a file of its own."""
    RECORDINGS.mkdir(parents=True, exist_ok=True)
    async with hands(url, Catalogue()) as merchant:
        for scenario in SCENARIOS:
            with tempfile.TemporaryDirectory() as folder:
                number, tap = await played(scenario, merchant, Path(folder))
            whole = {"source": _SOURCE, "number": number, "exchanges": tap.exchanges}
            (RECORDINGS / f"{scenario.name}.json").write_text(json.dumps(whole, indent=1) + "\n")
            print(f"{len(tap.exchanges):3} exchanges: {scenario.name}")  # noqa: T201 — a script that shows its work


if __name__ == "__main__":
    with vendure() as address:
        asyncio.run(record(address))
