"""The published schema of Shopify's Admin API, from npm, kept in the user's cache folder."""

import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from functools import cache
from pathlib import Path

from graphql import GraphQLSchema, build_client_schema

PACKAGE = "@shopify/dev-mcp@1.16.0"
_SHA_256 = "4663c79229028e98f825a09d5f04ec6c3736331b740ce50260f9ffac10709474"
_SECONDS = 120.0


class SchemaMissing(Exception):
    """The package can be had neither from the cache nor from npm; the message says why."""


@cache
def schema(version: str) -> GraphQLSchema:
    """The schema of a quarterly version. Raises `SchemaMissing`."""
    with tarfile.open(fileobj=io.BytesIO(_package()), mode="r:gz") as archive:
        member = archive.extractfile(f"package/dist/data/admin_{version}.json.gz")
        assert member is not None
        published = json.loads(gzip.decompress(member.read()))
    return build_client_schema(published["data"], assume_valid=True)


@cache
def _package() -> bytes:
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rescind-tests"
    kept = folder / "shopify-dev-mcp-1.16.0.tgz"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as fresh:
            _packed(Path(fresh)).replace(kept)
    content = kept.read_bytes()
    if hashlib.sha256(content).hexdigest() != _SHA_256:
        kept.unlink()
        raise SchemaMissing(f"{PACKAGE} is not the one these tests were written for")
    return content


def _packed(folder: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise SchemaMissing("npm is not installed")
    try:
        subprocess.run(  # noqa: S603 - npm, and a package that is named above
            [npm, "pack", PACKAGE, "--silent", "--ignore-scripts"],
            cwd=folder,
            check=True,
            capture_output=True,
            timeout=_SECONDS,
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise SchemaMissing(f"npm could not fetch {PACKAGE} ({type(error).__name__})") from None
    return next(folder.glob("*.tgz"))
