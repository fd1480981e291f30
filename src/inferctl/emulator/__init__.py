"""Emulated Elasticsearch inference API, an independent reading of the server for tests and `inferctl emulate`."""
