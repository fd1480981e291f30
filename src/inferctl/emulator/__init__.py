"""Emulated Elasticsearch inference API, an independent reading of the server for tests and `inferctl emulate`.

Pages named in this package, as in `create.md#defaults`, are those of docs/reference/server.
"""
