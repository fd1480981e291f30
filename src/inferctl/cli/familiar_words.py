"""Words that people type from habit, from other tools of this kind, and what inferctl calls it: one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_PLAN = "`inferctl plan` shows what apply would do, and changes nothing"
_DRIFT = "`inferctl plan --detailed-exitcode` shows what differs, and ends with 2 where something does"
_LIST = "`inferctl export` prints what a cluster holds, `inferctl plan` compares it with the files"
_YES = "apply, destroy and rotate ask nothing with `--yes`; other commands never ask"
_JSON = "`--format json` prints JSON, `--report json=FILE` writes it to a file"
_OUTPUT = (
    "`--format json` says what is printed, `--report json=FILE` writes a report, `inferctl plan --out FILE` a plan"
)
_PRUNE = "`--allow-delete` lets apply remove what is ours and in no file"
_DELETE = "take the endpoint out of its file, then `inferctl apply --allow-delete` removes it"
_LEDGER = "the ledger in the cluster says what is ours: `inferctl history`, `inferctl ledger check`, `inferctl forget`"
_IMPORT = "`inferctl export` writes the file of an endpoint that is there, `inferctl adopt` makes it ours"
_RENDER = "`inferctl render --env NAME` prints the final documents of an environment"
_ENVIRONMENT = "`--env NAME` chooses an environment of the settings file"
_PIN = "`cluster_uuid` of an environment pins its cluster; `inferctl plan --env NAME` prints the line"
_VARIABLES = "variables stand in the settings file, below each environment; `--env NAME` chooses one"
_OVERLAY = "overlay files are named in the settings file; `inferctl render --env NAME` shows what comes of them"
_NAMESPACE = "`scope` of the settings file says what is ours in a cluster, `--env NAME` which cluster is meant"
_APPLY = "`inferctl apply` makes the cluster hold what the files say"
_CHECK = "`inferctl validate` checks the files"
_FILES = "files are named without a flag: `inferctl plan endpoints/`; `--config FILE` is the settings file"
_CREDENTIALS = "credentials come from variables: ELASTICSEARCH_API_KEY, or ELASTICSEARCH_USERNAME and _PASSWORD"

# word -> one line, with what can be typed in backticks. A word that is a command of ours, or a flag of the command that
# was typed, never gets here.
WORDS = {
    "init": "nothing has to be set up: write endpoint files (or `inferctl export --output DIR`), then `inferctl plan`",
    "drift": _DRIFT,
    "status": _DRIFT,
    "refresh": "nothing is kept that could grow old: `inferctl plan` reads the cluster each time",
    "preview": _PLAN,
    "template": _RENDER,
    "build": _RENDER,
    "helm": _RENDER,
    "kustomize": _RENDER,
    "compare": "`inferctl diff --from A --to B` shows how two environments differ, `inferctl plan` how a cluster does",
    "deck": "no word comes between: `inferctl plan`, `inferctl apply`, `inferctl export`",
    "gateway": "no word comes between: `inferctl plan`, `inferctl apply`, `inferctl export`",
    "env": _ENVIRONMENT,
    "envs": _ENVIRONMENT,
    "environment": _ENVIRONMENT,
    "environments": _ENVIRONMENT,
    "workspace": _ENVIRONMENT,
    "context": _ENVIRONMENT,
    "profile": _ENVIRONMENT,
    "stage": _ENVIRONMENT,
    "cluster": _ENVIRONMENT,
    "use": _ENVIRONMENT,
    "select": _ENVIRONMENT,
    "switch": _ENVIRONMENT,
    "target": f"{_ENVIRONMENT}, `--target GLOB` selects ids",
    "var": _VARIABLES,
    "vars": _VARIABLES,
    "variables": _VARIABLES,
    "values": _VARIABLES,
    "overlay": _OVERLAY,
    "overlays": _OVERLAY,
    "patch": _OVERLAY,
    "patches": _OVERLAY,
    "merge": _OVERLAY,
    "pin": _PIN,
    "cluster_uuid": _PIN,
    "variable": _VARIABLES,
    "promote": "`inferctl diff --from A --to B` shows how two environments differ; a change of the files promotes",
    "dry-run": _PLAN,
    "list": _LIST,
    "ls": _LIST,
    "get": _LIST,
    "pull": _LIST,
    "dump": _LIST,
    "import": _IMPORT,
    "state": _LEDGER,
    "fmt": f"there is no formatter; {_CHECK}",
    "format": f"there is no formatter; {_CHECK}",
    "lint": _CHECK,
    "check": f"{_CHECK}, `inferctl verify` whether endpoints work",
    "test": f"{_CHECK}, `inferctl verify` whether endpoints work",
    "create": "endpoints are created from files: `inferctl apply`",
    "update": "endpoints are changed in their files: `inferctl apply`",
    "deploy": _APPLY,
    "sync": _APPLY,
    "up": _APPLY,
    "push": _APPLY,
    "install": _APPLY,
    "upgrade": _APPLY,
    "rollback": "go back in Git, then `inferctl apply` makes the cluster hold what the files say",
    "delete": _DELETE,
    "remove": _DELETE,
    "rm": _DELETE,
    "down": "`inferctl destroy` removes every endpoint that is ours",
    "force-unlock": "`inferctl unlock` removes the lock of a dead run",
    "help": "`inferctl --help`",
    "version": "`inferctl --version`",
    "--dry-run": _PLAN,
    "--preview": _PLAN,
    "--diff": _PLAN,
    "--auto-approve": _YES,
    "-auto-approve": _YES,
    "--approve": _YES,
    "--doit": _YES,
    "--yes": _YES,
    "-y": _YES,
    "-o": _OUTPUT,
    "--output": _OUTPUT,
    "--json": _JSON,
    "-json": _JSON,
    "-out": "`inferctl plan --out FILE` saves the plan",
    "--prune": _PRUNE,
    "--delete": _PRUNE,
    "--allow-deletes": _PRUNE,
    "--replace": "`--allow-replace` lets apply delete and create again where an update cannot do it",
    "-replace": "`--allow-replace` lets apply delete and create again where an update cannot do it",
    "--force": "what is dangerous is named: `--allow-delete`, `--allow-replace`, `--force-delete ID`; see also "
    "`inferctl unlock`",
    "-f": _FILES,
    "--file": _FILES,
    "--filename": _FILES,
    "-d": _FILES,
    "-c": "`--config FILE` names the settings file",
    "-target": "`--target GLOB` is written with two dashes",
    "-t": "`--target GLOB` selects ids",
    "--id": "plan, apply and destroy take `--target GLOB`, other commands the id alone: `inferctl history ID`",
    "--destroy": "`inferctl destroy` removes every endpoint that is ours",
    "-destroy": "`inferctl destroy` removes every endpoint that is ours",
    "--refresh-only": _DRIFT,
    "-refresh-only": _DRIFT,
    "--exit-code": _DRIFT,
    "--no-color": "`--color never` prints without colour",
    "-no-color": "`--color never` prints without colour",
    "-e": _ENVIRONMENT,
    "--env": "this one asks no cluster; `inferctl diff --from A --to B` compares two environments",
    "--environment": _ENVIRONMENT,
    "--var": _VARIABLES,
    "-var": _VARIABLES,
    "--var-file": _VARIABLES,
    "-var-file": _VARIABLES,
    "--set": _VARIABLES,
    "--set-string": _VARIABLES,
    "--values": _VARIABLES,
    "--stage": _ENVIRONMENT,
    "--workspace": _ENVIRONMENT,
    "-w": _ENVIRONMENT,
    "--context": _ENVIRONMENT,
    "--kube-context": _ENVIRONMENT,
    "--profile": _ENVIRONMENT,
    "--cluster": _ENVIRONMENT,
    "--envs": "`--env A,B` names environments, `--all-envs` means each of them",
    "--environments": "`--env A,B` names environments, `--all-envs` means each of them",
    "--namespace": _NAMESPACE,
    "-n": _NAMESPACE,
    "--overlay": _OVERLAY,
    "--patch": _OVERLAY,
    "-k": _OVERLAY,
    "--kustomize": _OVERLAY,
    "--pin": _PIN,
    "--only": "`--target GLOB` selects ids, `--env A,B` environments",
    "--skip": "`--exclude GLOB` leaves ids out, `--env A,B` names the environments that are meant",
    "--debug": "`-vv` shows each request (never its body)",
    "--host": "`--url URL` is the address of the cluster",
    "-u": _CREDENTIALS,
    "--user": _CREDENTIALS,
    "--username": _CREDENTIALS,
    "--password": _CREDENTIALS,
    "--api-key": _CREDENTIALS,
    "--lock": "`--no-lock` does without the lock",
    "-lock": "`--no-lock` does without the lock",
}  # fmt: skip


def command_answer(word: str) -> str:
    """What to say of a word in the place of a command; empty where it is no familiar one."""
    hint = "" if word.startswith("-") else WORDS.get(word.lower(), "")
    return f"No such command {word!r}: {hint}." if hint else ""


def early_answer(option: str, arguments: Sequence[str], commands: Iterable[str]) -> str:
    """What to say of an option that stands before the command, as other tools have it; empty where no command comes."""
    command = next((word for word in arguments if word in commands), "")
    answer = f"No such option {option!r} here: flags stand behind the command: inferctl {command} {option}"
    return answer if command else ""


def option_answer(option: str, arguments: Sequence[str]) -> str:
    """What to say of an option that the command does not have; empty where it is no familiar one.

    The parser takes `-auto-approve` apart and names a letter of it, so the word is looked for in the command line.
    """
    typed = [argument.partition("=")[0] for argument in arguments]
    whole = [word for word in typed if word[:1] == "-" and word[:2] != "--" and option[1:2] in word]
    for word in [option, *whole, *(word[:2] for word in whole)]:
        if word in WORDS:
            return f"No such option {word!r}: {WORDS[word]}."
    return ""
