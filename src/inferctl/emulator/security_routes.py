"""Who am I, and what may I do (requests.md#privileges)."""

from .call import Answer, Call
from .route import Route
from .security import has_privileges


def _authenticate(call: Call) -> Answer:
    user = call.user
    return Answer(
        {
            "username": user.name,
            "roles": list(user.roles),
            "full_name": None,
            "email": None,
            "metadata": {},
            "enabled": True,
            "authentication_type": "api_key" if user.api_key else "realm",
        }
    )


def _has_privileges(call: Call) -> Answer:
    return Answer(has_privileges(call.user, call.json()))


ROUTES = [
    Route("GET", "/_security/_authenticate", _authenticate),
    Route("GET", "/_security/user/_has_privileges", _has_privileges, body=True),
    Route("POST", "/_security/user/_has_privileges", _has_privileges, body=True),
]
