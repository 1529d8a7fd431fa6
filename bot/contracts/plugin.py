"""The pytest plugin that carries the contract suites."""
