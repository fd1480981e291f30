"""ELSER (old service name): in the server from 8.11.

- service is returned as elasticsearch
- model_id is filled
- a deprecation warning header accompanies the PUT
- service elser becomes elasticsearch in PUT response and GET (since 8.16; the sample response in the
  specification still shows elser)
"""

from .schema import Service, Task, integer, mapping, text

ELSER = Service(
    name="elser",
    title="ELSER (old service name)",
    since="8.11",
    tasks={
        "sparse_embedding": Task(),
    },
    service_settings=(
        integer("num_threads", required=True),
        integer("num_allocations"),
        mapping("adaptive_allocations", since="8.15"),
        text("model_id"),
    ),
    shown=("num_allocations", "num_threads", "model_id", "adaptive_allocations"),
    in_cluster=True,
    alias_of="elasticsearch",
)
