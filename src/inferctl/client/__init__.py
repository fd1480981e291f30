"""What is sent to Elasticsearch, and what its answers mean.

One brain, two thin drivers. `exchange` says what to send and how long to wait; requests (`request`,
`inference_requests`, `payload`), repeats (`retry`), errors (`api_errors`, `transport`, `forbidden`) and
redaction (`redact`) are pure: no sockets, no clock, no environment. `http_transport` alone speaks HTTP; `sync` and
`aio` only do what `exchange` yields. No HTTP library type leaves this room.
"""
