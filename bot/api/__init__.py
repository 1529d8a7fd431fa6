"""Stage look-ups for scripts over HTTP, under `/v1`; described by `openapi.json` and docs/stage-api.md."""
