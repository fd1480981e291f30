"""Which variables of a job hold what no output may show, and which only sound so."""

from __future__ import annotations

import pytest

from inferctl.client.known_secrets import KnownSecrets
from inferctl.secrets.in_environment import secrets_in_environment
from inferctl.secrets.secret import Secret


@pytest.mark.parametrize(
    "name", ["OPENAI_API_KEY", "GITHUB_TOKEN", "INFERCTL_GITLAB_TOKEN", "INFERCTL_FINGERPRINT_KEY"]
)
def test_a_name_that_sounds_like_a_credential(name: str) -> None:
    assert [*secrets_in_environment({name: "hunter2-hunter2"})] == [Secret("hunter2-hunter2")]


@pytest.mark.parametrize(
    ("name", "text", "ours"),
    [
        ("INFERCTL_SECRETS_ALLOW", "OPENAI_API_KEY,COHERE_*", "the variable OPENAI_API_KEY is not set"),
        ("INFERCTL_SECRETS_ROOT", "/run/secrets/team", "/run/secrets/team/openai is not there"),
        ("GOOGLE_APPLICATION_CREDENTIALS", "/srv/repository/gha.json", "/srv/repository/e.yaml:4: an error"),
        ("CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE", "/srv/repository/gha.json", "/srv/repository/e.yaml:4: an error"),
        ("SOME_TOKEN_FILE", "/srv/repository/token", "/srv/repository/e.yaml:4: an error"),
    ],
)
def test_a_list_of_names_and_a_path_are_no_secret_and_our_words_keep_them(name: str, text: str, ours: str) -> None:
    assert KnownSecrets.here({name: text}).hide(ours) == ours


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("qwRtZpmXcVbN", "(secret)"),
        ("qwRtZpmX LsDfGqqq", "(secret) LsDfGqqq"),
        ("Not ready", "Not ready"),
        ("text_embedding", "text_embedding"),
        ("OPENAI_API_KEY", "OPENAI_API_KEY"),
    ],
)
def test_a_part_of_a_random_key_of_letters_alone_is_no_word_of_ours(said: str, shown: str) -> None:
    key = "qwRtZpmXcVbNhJkLsDfG-not ready-text_embedding-OPENAI_API_KEY"
    assert KnownSecrets.here({"SOME_TOKEN": key}).hide_in({"a": said}) == {"a": shown}
