"""The pytest plugin that carries the contract suites.

It is loaded in every pytest run where Rescind is installed, so it imports nothing of it. It only sees to
it that the assertions of a suite explain themselves when they fail.
"""

import pytest

pytest.register_assert_rewrite("bot.contracts.order_backend", "bot.contracts.refunds", "bot.contracts.steps")
