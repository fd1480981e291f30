"""The client room: what is sent to Elasticsearch, and what its answers mean.

One brain, two thin drivers. `request`, `calls`, `reads`, `documents`, `retry`, `faults`, `redact`, `flow` and
`guard` are pure: no sockets, no clock, no environment. `transport` alone speaks HTTP; `sync` and `aio` only
send what the flow yields. No HTTP library type leaves this room.
"""
