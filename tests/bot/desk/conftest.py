import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # the makers of the shell's tests

from desk_makers import House, house_over

from storage.store import Store


@pytest.fixture
def house(store: Store) -> House:
    """A desk without content, on each engine."""
    return house_over(store)
