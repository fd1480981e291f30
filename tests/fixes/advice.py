"""Why nothing can be typed, for each advice in the source."""

from __future__ import annotations

CHOICE = "it is a choice of whoever wrote the file"
OPERATOR = "only the operator may, and outside of the repository"
OTHERS = "others have to agree, or to act"
PLACE = "where it should stand, only its owner knows"
TEXT = "the text itself has to be written anew"
OTHER_FIXES = "its diagnostics have fixes of their own"
PROGRAM = "it is about a call in a program"

REASONS = {
    "check the path": PLACE,
    "save the plan into a file": PLACE,
    "it is of no endpoint: remove it": OTHERS,
    "deployment_id: {}, in place of model and allocations, shares one": CHOICE,
    "remove one of the two, or give it another id": CHOICE,
    "choose another id": CHOICE,
    "mend the endpoint that breaks the list, then plan again": OTHERS,
    "delete it with its owner's help": OTHERS,
    "put its file back without {} in lifecycle.protect, apply, then remove it": PLACE,
    "remove these references": OTHERS,
    "upgrade the cluster, or change the file": CHOICE,
    "remove or repoint these first": OTHERS,
    "use a secret field of {}, with a reference": CHOICE,
    "plan without --out shows the step": CHOICE,
    "write a number": TEXT,
    "plan again": PROGRAM,
    "in {}: {}; then {}": "it takes two steps: an edit, then a command",
    "apply it with the settings file that it was made with": PLACE,
    "manage fewer endpoints": CHOICE,
    "check the paths; remove endpoints one by one": PLACE,
    "mend the file": OTHER_FIXES,
    "a narrower glob": CHOICE,
    "list fewer, wider globs": CHOICE,
    "give a path below it, without .. and links out of it": PLACE,
    "write the secret into {}": OPERATOR,
    "is it the right file?": OPERATOR,
    "the operator adds {} to {}": OPERATOR,
    "the operator adds the host to {}": OPERATOR,
    "the operator adds {} and the hosts of all providers to {}": OPERATOR,
    "the operator keeps it outside of the repository, or gives a fingerprint": OPERATOR,
    "give the secret a variable of its own": OPERATOR,
    "write it as text": OPERATOR,
    "check {} below {}": OPERATOR,
    "mend the ones shown first": OTHER_FIXES,
    "give it a text as its key": TEXT,
    "remove the tag (the word that starts with !)": TEXT,
    "check the brackets and the indentation": TEXT,
    "write the repeated part once, without aliases inside aliases": TEXT,
    "remove the alias": TEXT,
    "keep one of them; the first is in line {}": CHOICE,
    "write the keys out; an alias may stand for a whole value: service_settings: *common": TEXT,
    'remove it, or write it as an escape inside double quotes: "\\u{}"': TEXT,
    "split it into several files": CHOICE,
    "save it as UTF-8": "which encoding it has, no byte of it says",
    "keep one side, and remove the lines <<<<<<<, ======= and >>>>>>>": CHOICE,
    "declare each id once, in a file or in Python": PROGRAM,
    "add {} to endpoints:": PLACE,
    "give a path inside the set": PLACE,
    "or remove it": CHOICE,
    "correct the files": OTHER_FIXES,
    "run again with INFERCTL_DEBUG=1 and report what it prints": "it is a defect of inferctl",
    "put the file itself there; a path outside can be given on the command line": PLACE,
    "check the path; it is taken from the working directory": PLACE,
    "** stands for folders, * for a part of a name; hidden files never match": PLACE,
    "look who may read it: ls -l {}": OPERATOR,
    "give a path; . is this folder": PLACE,
    "remove the file, or declare an endpoint in it": CHOICE,
    "add it to endpoints:, or move it out of these folders": PLACE,
    "check --config and {}": PLACE,
    "leave out --env, and unset {}": CHOICE,
    "join them into one": CHOICE,
    "the operator writes the bounds into {}, or unsets it": OPERATOR,
    "the operator keeps it outside of the repository": OPERATOR,
    "the operator checks the path in {}": OPERATOR,
    "write one mapping": TEXT,
    "the operator mends them": OPERATOR,
    "the operator calls it {}{}": OPERATOR,
    "the operator writes {}": OPERATOR,
    "the operator raises {}": OPERATOR,
    "the operator widens {}": OPERATOR,
    "the operator writes passthrough: true into {}": OPERATOR,
    "write a scope that the operator names": CHOICE,
    "check the address of the cluster": PLACE,
}

# Texts that are no literal where they become a fix: what they are instead.
WORKED_OUT = {
    ("advice", "applier/cause.py"): "what to do about the cause of a failed step",
    ("flag", "applier/cause.py"): "several ids, several flags: tests/cli/test_region_policy.py types it",
    ("command", "client/file_connection.py"): "what the settings file says of the connection, as variables",
    (
        "command",
        "client/environment_connection.py",
    ): "the credentials of an environment: tests/client/test_environment_connection.py",
    ("flag", "client/file_connection.py"): "the same as flags",
    ("advice", "cli/connection_hints.py"): "the usual mistakes behind an error of the connection",
    ("advice", "model/read_endpoint.py"): "what an endpoint starts with",
    ("advice", "planner/file/plan_again.py"): "what a saved plan calls a fix, and is no command or flag of inferctl",
    ("advice", "syntax/yaml_errors.py"): "what to look at where the text is not YAML",
    ("advice", "client/settings.py"): "what the operator does to let http by",
    ("advice", "workspace/endpoint_bounds.py"): "that of the secret, or what lets http by",
    ("advice", "workspace/desired.py"): "where the endpoints should be named",
    ("advice", "syntax/finding.py"): "the advice of a finding",
    ("edit", "syntax/finding.py"): "the edit of a finding: a scene for each code",
    ("edit", "api/first_apply.py"): "the uuid of the cluster that answers: tests/api/test_first_apply.py",
    ("edit", "api/cluster_bound.py"): "the uuid of the cluster that answers: tests/api/test_cluster_pinned.py",
    ("edit", "planner/blocks.py"): "the lifecycle without the protection",
    ("edit", "workspace/desired.py"): "the globs and one path more",
    ("flag", "planner/blocks.py"): "several globs, several flags",
}

# Codes that no scene provokes, and why.
WITHOUT_SCENE = {
    "bounds.cluster": "advice: tests/attacks/test_exceed_the_bounds.py",
    "settings.cluster-uuid": "advice: tests/api/test_cluster_pinned.py",
    "bounds.exceeded": "advice: tests/attacks/test_exceed_the_bounds.py",
    "bounds.document": "its fixes are of the operator's document, outside of the repository",
    "file.outside": "advice: tests/workspace/test_hostile_files.py",
    "file.too-many": "advice: tests/syntax/test_model_findings.py",
    "file.unreadable": "advice: it takes a file that its owner may not read",
    "secret.empty": "part of input.invalid",
    "secret.unset": "part of input.invalid",
    "secret.unreadable": "part of input.invalid, advice",
    "reserved": "advice: only a program gets so far",
    "unreadable": "advice: tests/cli/test_unreadable.py",
    "empty-set": "advice: only a program gets so far",
    "incomplete-input": "advice: its diagnostics have fixes",
    "incomplete-list": "advice: it takes 10,000 endpoints",
}

# Typed somewhere else: it waits.
WAITS = {
    "--first": "tests/api/test_first_apply.py",
    "--lock-timeout {}": "tests/cli/test_ledger.py",
    "--env {}": "tests/api/test_environment.py",
}
