"""What a job that plans pull requests of strangers sets, and which of it this job has not set. Pure.

The table of docs/how-to/untrusted-pull-requests.md is made from `NEEDS`; `plan -v` in a CI job names what is open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inferctl.client.setting_sources import (
    CA_CERTS_NAMES,
    CERTIFICATE_NAMES,
    addresses_in,
    names_that_count,
    own_names,
)
from inferctl.secrets.credential_names import CLUSTER_NAMES, looks_secret, opens_an_environment
from inferctl.secrets.in_environment import SHELL_FOLDERS
from inferctl.secrets.resolve import ROOT_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from inferctl.operator_bounds.bounds import OperatorBounds

_CI = ("CI", "GITHUB_ACTIONS", "GITLAB_CI")
# Of inferctl and of the system: whom to trust, and where secrets are.
_PATHS = (*CA_CERTS_NAMES, *CERTIFICATE_NAMES, ROOT_VARIABLE)


@dataclass(frozen=True, slots=True)
class JobFacts:
    """What is known of a job before anything is sent. `checkouts` and `written` (reports, plans) are without links.

    `address_given`: by a flag. `paths` are the files and folders of `_PATHS`, without links too, by variable.
    `environment` is the one of the settings file that was chosen.
    """

    environ: Mapping[str, str]
    bounds: OperatorBounds
    checkouts: tuple[Path, ...] = ()
    written: tuple[Path, ...] = ()
    paths: Mapping[str, Path] | None = None
    address_given: bool = False
    insecure: bool = False
    environment: str = ""

    @property
    def names_address(self) -> bool:
        """Whether the job says where the cluster is."""
        return self.address_given or any(addresses_in(self.environ, self.environment))

    def inside(self, path: Path) -> bool:
        """Whether a pull request can change what stands there."""
        return any(path.is_relative_to(checkout) for checkout in self.checkouts)


@dataclass(frozen=True, slots=True)
class Need:
    """One thing to set: `what` sets it, and `otherwise` is open. `names` says what of this job leaves it open."""

    what: str
    otherwise: str
    names: Callable[[JobFacts], str]


def _unless(is_set: Callable[[JobFacts], bool]) -> Callable[[JobFacts], str]:
    return lambda facts: "" if is_set(facts) else "not set"


def _keys_at_hand(facts: JobFacts) -> str:
    """Of those of inferctl itself, the ones that open the clusters of other environments."""
    own = own_names(facts.environment).all if facts.environment else ()
    names = (name for name in facts.environ if looks_secret(name) and name not in CLUSTER_NAMES | SHELL_FOLDERS)
    others = (
        name for name in names if not name.startswith("INFERCTL_") or (opens_an_environment(name) and name not in own)
    )
    return ", ".join(sorted(name for name in others if facts.environ[name]))


def _written_inside(facts: JobFacts) -> str:
    return ", ".join(str(path) for path in facts.written if facts.inside(path))


def _trusted_inside(facts: JobFacts) -> str:
    return ", ".join(name for name, path in (facts.paths or {}).items() if facts.inside(path))


def _is_insecure(facts: JobFacts) -> bool:
    insecure = (name for names in names_that_count(facts.environment) for name in names.insecure)
    return any(is_on(facts.environ.get(name, "")) for name in insecure)


NEEDS: tuple[Need, ...] = (
    Need(
        "`ELASTICSEARCH_URL`",
        "the settings file names the address: the key goes to any host of `hosts`, a provider's too, or nowhere",
        _unless(lambda facts: facts.names_address),
    ),
    Need(
        "`hosts` of the bounds, or `INFERCTL_TRUSTED_HOSTS`",
        "files may name any host; an apply after the merge would send keys there",
        _unless(lambda facts: facts.bounds.hosts.are_bound),
    ),
    Need(
        "`scopes` of the bounds",
        "a pull request plans in the name of another team, and its plan shows what that team owns",
        _unless(lambda facts: facts.bounds.scopes is not None),
    ),
    Need(
        "`manage` of the bounds",
        "a pull request names endpoints of others, and the plan shows their settings",
        _unless(lambda facts: facts.bounds.manage is not None),
    ),
    Need(
        "`allow` of the bounds",
        "`allow` and `permits` of the settings file hold: deletes, replaces, take-overs",
        _unless(lambda facts: facts.bounds.allow is not None),
    ),
    Need(
        "`limits` of the bounds",
        "`limits` of the settings file hold, up to everything that is yours",
        _unless(lambda facts: facts.bounds.max_deletes is not None and facts.bounds.max_changes is not None),
    ),
    Need(
        "`services` of the bounds",
        "files may name services that nobody here has looked at",
        _unless(lambda facts: facts.bounds.services is not None),
    ),
    Need(
        "`passthrough: false` in the bounds",
        "`passthrough: true` takes settings that inferctl does not know",
        _unless(lambda facts: facts.bounds.passthrough is False),
    ),
    Need(
        "`secrets` of the bounds, or `INFERCTL_SECRETS_ALLOW`",
        "files may refer to any variable but the cluster's credentials and the tokens of CI systems",
        _unless(lambda facts: bool(facts.bounds.secrets.allow)),
    ),
    Need(
        "`cluster_uuids` of the bounds",
        "whoever gets hold of the address is taken for your cluster",
        _unless(lambda facts: facts.bounds.cluster_uuids is not None),
    ),
    Need(
        "no keys but that of the plan role",
        "a hole in inferctl or in a library reaches them",
        _keys_at_hand,
    ),
    Need(
        "reports and plans outside of the checkout",
        "later steps take files of the pull request for reports, or for a plan",
        _written_inside,
    ),
    Need(
        "certificates and `INFERCTL_SECRETS_ROOT` outside of the checkout",
        "a pull request changes whom you trust, or what is read as a secret",
        _trusted_inside,
    ),
    Need(
        "a checked certificate: no `--insecure`, no `ELASTICSEARCH_INSECURE`",
        "anybody on the way reads the key",
        lambda facts: "not checked" if facts.insecure or _is_insecure(facts) else "",
    ),
)


def is_ci_job(environ: Mapping[str, str]) -> bool:
    """Whether a CI system says that this is one of its jobs."""
    return any(is_on(environ.get(name, "")) for name in _CI)


def is_on(text: str) -> bool:
    """Whether a variable that is a switch is not off."""
    return text.strip().lower() not in ("", "0", "false", "no", "off")


def left_open(facts: JobFacts) -> Iterator[tuple[Need, str]]:
    """What this job has not set, and what of it leaves it open, in the order of the table."""
    for need in NEEDS:
        named = need.names(facts)
        if named:
            yield need, named


def paths_of(environ: Mapping[str, str], environment: str = "") -> dict[str, str]:
    """The variables that say whom to trust, or where secrets are, by a path; those of the chosen environment too."""
    own = own_names(environment).ca_certs if environment else ()
    return {name: environ[name] for name in (*_PATHS, *own) if environ.get(name)}
