"""What we own, what was declared last, who ran when: kept in the cluster itself, fenced by sequence numbers.

`records` are values and their documents (pure), `backend` is the protocol, `index` and `none` are the two that
there are, `lock` lets one run at a time write. Losing the ledger loses history and ownership, never an endpoint.
"""
