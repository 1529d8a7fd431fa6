"""One suite for every port, shipped as a pytest plugin."""
