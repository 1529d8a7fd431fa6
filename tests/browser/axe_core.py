"""axe-core, fetched from npm as the lock file says into a folder that git ignores."""

import fcntl
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.async_api import Page

HERE = Path(__file__).parent / "axe"
SCRIPT = HERE / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN = """async rules => {
  const found = await axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
  return found.violations.map(one => `${one.id}: ${one.help}: `
    + one.nodes.slice(0, 3).map(
      node => node.target.join(" ") + " " + (node.any[0]?.message ?? "")).join(" | "));
}"""


def axe() -> str:
    """The script. Skips, loudly, where there is no npm."""
    with (HERE / "package-lock.json").open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not SCRIPT.exists():
            if shutil.which("npm") is None:
                pytest.skip("ACCESSIBILITY NOT TESTED: npm is not installed, so there is no axe-core")
            command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            done = subprocess.run(  # noqa: S603  what the lock file says, and nothing of it runs
                command, cwd=HERE, capture_output=True, text=True, timeout=120, check=False
            )
            if done.returncode != 0:
                raise RuntimeError(f"npm could not fetch axe-core: {done.stderr.strip()[-300:]}")
    return SCRIPT.read_text("utf-8")


async def violations(page: Page) -> list[str]:
    """What axe-core finds on the page as it is now."""
    if not await page.evaluate("typeof axe !== 'undefined'"):
        await page.evaluate(axe())
    found: list[str] = await page.evaluate(_RUN, _RULES)
    return found
