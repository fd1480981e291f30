# Sourced by ./try and ./test: a virtual environment in .venv, made anew only when the requirements change.

find_python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11 python; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s' "$name"
            return 0
        fi
    done
    echo "error: Python 3.11 or newer is needed and was not found" >&2
    return 1
}

# prepare runtime|dev
prepare() {
    stamp=".venv/inferctl-$1"
    wanted=$(cat "requirements/$1.txt" pyproject.toml | cksum)
    if [ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
        return 0
    fi
    if [ ! -x .venv/bin/python ]; then
        python=$(find_python) || exit 1
        "$python" -m venv .venv || {
            echo "error: the venv module does not work; on Debian: apt-get install python3-venv" >&2
            exit 1
        }
    fi
    echo "preparing .venv ($1), once" >&2
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "requirements/$1.txt"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
    printf '%s' "$wanted" >"$stamp"
}
