"""Overlay files of a repository: which are read, what they make of the endpoints, what is said of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from inferctl.operator_bounds.bounds import OperatorBounds, bounds_of
from inferctl.workspace.desired import Loaded, load_with_settings

if TYPE_CHECKING:
    from inferctl.diagnostics import Diagnostic

SETTINGS = """\
endpoints: ["endpoints/*.yaml"]
environments:
  staging: {overlays: ["environments/staging/*.yaml"]}
  prod: {overlays: ["environments/prod/*.yaml"]}
  bare: {}
"""


def endpoint(name: str, model: str = "m") -> str:
    settings = f"{{model_id: {model}, api_key: {{env: K}}}}"
    return f"inference_id: {name}\ntask_type: rerank\nservice: cohere\nservice_settings: {settings}\n"


def overlay(name: str, model: str) -> str:
    return f"inference_id: {name}\nservice_settings:\n  model_id: {model}\n"


FILES = {
    "inferctl.yaml": SETTINGS,
    "endpoints/a.yaml": endpoint("a"),
    "endpoints/b.yaml": endpoint("b"),
    "environments/staging/a.yaml": overlay("a", "small"),
    "environments/prod/a.yaml": overlay("a", "large"),
    "environments/prod/b.yaml": "inference_id: b\nskip: true\n",
}


def load(root: Path, environment: str, *paths: str, **changed: str) -> Loaded:
    for name, text in {**FILES, **{name.replace("__", "/") + ".yaml": text for name, text in changed.items()}}.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return load_with_settings(
        paths, root / "inferctl.yaml", bounds=OperatorBounds(), working_directory=root, environment=environment
    )


def models(loaded: Loaded) -> dict[str, object]:
    return {one.inference_id: one.service_settings["model_id"] for one in loaded.desired.endpoints}


def said(found: Diagnostic) -> tuple[str, str, str]:
    return found.code, str(found.span), found.source_line


@pytest.mark.parametrize(
    ("environment", "wanted", "skipped"),
    [
        ("staging", {"a": "small", "b": "m"}, {}),
        ("prod", {"a": "large"}, {"b": "environments/prod/b.yaml:2:7"}),
        ("bare", {"a": "m", "b": "m"}, {}),
    ],
)
def test_each_environment_has_its_own(
    tmp_path: Path, environment: str, wanted: dict[str, str], skipped: dict[str, str]
) -> None:
    loaded = load(tmp_path, environment)
    assert (models(loaded), loaded.diagnostics) == (wanted, ())
    assert {name: str(place) for name, place in loaded.desired.skipped.items()} == skipped
    assert {one.span.file for one in loaded.desired.endpoints} <= {"endpoints/a.yaml", "endpoints/b.yaml"}


@pytest.mark.parametrize(
    ("paths", "selected", "codes"),
    [
        (["environments/prod/a.yaml"], {"a"}, []),
        (["endpoints/a.yaml"], {"a"}, []),
        (["environments/prod"], {"a"}, ["file.not-selected"]),
        (["environments"], {"a"}, ["file.not-selected", "file.not-selected"]),
        (["environments/prod/b.yaml"], set(), ["file.not-selected"]),
        (["endpoints/b.yaml"], set(), ["file.not-selected"]),
        (["environments/staging/a.yaml"], set(), ["file.not-selected"]),
    ],
)
def test_a_path_may_be_an_overlay(tmp_path: Path, paths: list[str], selected: set[str], codes: list[str]) -> None:
    loaded = load(tmp_path, "prod", *paths)
    assert (loaded.desired.selected, [one.code for one in loaded.diagnostics]) == (frozenset(selected), codes)
    assert loaded.desired.complete


def test_a_finding_points_to_the_line_that_the_value_comes_from(tmp_path: Path) -> None:
    wrong = "inference_id: a\nservice_settings:\n  model_id: 3\n  model_idd: x\n  api_key: sk-1234567890abcdef\n"
    loaded = load(tmp_path, "prod", environments__prod__a=wrong)
    place = "environments/prod/a.yaml"
    assert [said(one) for one in loaded.diagnostics] == [
        ("field.type", f"{place}:3:13", "  model_id: 3"),
        ("field.unknown", f"{place}:4:3", "  model_idd: x"),
        ("secret.literal", f"{place}:5:12", "  api_key: (secret)"),
    ]
    assert not any("sk-1234" in str(one) for one in loaded.diagnostics)
    removed = load(tmp_path, "prod", environments__prod__a="inference_id: a\nservice_settings:\n  model_id: null\n")
    assert [said(one) for one in removed.diagnostics] == [("field.missing", f"{place}:3:3", "  model_id: null")]


def test_the_example_of_the_page_says_what_it_says(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "endpoint-file.md").read_text(encoding="utf-8")
    base, over = (text for text in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "product-elser" in text)
    prod = SETTINGS.replace("prod: {", "prod: {variables: {elser_max: 16}, ")
    settings = prod.replace("staging: {", "staging: {variables: {elser_max: 2}, ")
    for name, wanted in (("staging", (2, 1, ())), ("prod", (16, 4, ("delete",)))):
        loaded = load(tmp_path, name, inferctl=settings, endpoints__elser=base, environments__prod__elser=over)
        (one,) = [one for one in loaded.desired.endpoints if one.inference_id == "product-elser"]
        found = one.service_settings["num_allocations"], one.service_settings["num_threads"]
        assert (*found, tuple(one.lifecycle.protect)) == wanted
        assert loaded.diagnostics == ()


def test_a_secret_under_an_overlay_is_in_git_all_the_same(tmp_path: Path) -> None:
    literal = endpoint("a").replace("{env: K}", "sk-1234567890abcdef")
    over = "inference_id: a\nservice_settings: {api_key: {env: K}}\n"
    skipped = "inference_id: b\nskip: true\nservice_settings:\n  api_key: sk-1234567890abcdef\n"
    loaded = load(tmp_path, "prod", endpoints__a=literal, environments__prod__a=over, environments__prod__b=skipped)
    assert [(one.code, str(one.span)) for one in loaded.diagnostics] == [
        ("secret.literal", "endpoints/a.yaml:4:42"),
        ("secret.literal", "environments/prod/b.yaml:4:12"),
    ]
    both = load(tmp_path, "prod", endpoints__a=literal, environments__prod__a=overlay("a", "x"))
    assert [one.code for one in both.diagnostics if one.span.file == "endpoints/a.yaml"] == ["secret.literal"]
    assert not any("sk-1234" in str(one) for one in (*loaded.diagnostics, *both.diagnostics))


def test_what_an_overlay_says_is_held_to_the_bounds_of_the_operator(tmp_path: Path) -> None:
    over = "inference_id: a\nservice_settings:\n  api_key: {env: AWS_SECRET}\n"
    load(tmp_path, "prod", environments__prod__a=over)
    loaded = load_with_settings(
        (),
        tmp_path / "inferctl.yaml",
        bounds=bounds_of({"INFERCTL_SECRETS_ALLOW": "K"}),
        working_directory=tmp_path,
        environment="prod",
    )
    assert [(one.code, str(one.span)) for one in loaded.diagnostics] == [
        ("secret.denied", "environments/prod/a.yaml:3:12")
    ]


def test_a_broken_overlay_leaves_the_set_incomplete_and_says_it_once(tmp_path: Path) -> None:
    loaded = load(tmp_path, "prod", environments__prod__a="inference_id: a\nservice_settings: {model_id: [\n")
    assert [one.code for one in loaded.diagnostics] == ["yaml.syntax"]
    assert not loaded.desired.complete
    base = load(tmp_path, "prod", environments__prod__a=overlay("a", "x"), endpoints__a="inference_id: [\n")
    assert [one.code for one in base.diagnostics] == ["yaml.syntax"]


def test_an_overlay_is_no_endpoint_file(tmp_path: Path) -> None:
    everything = SETTINGS.replace("endpoints/*.yaml", "**/*.yaml")
    loaded = load(tmp_path, "bare", inferctl=everything)
    assert sorted({(one.code, one.span.file) for one in loaded.diagnostics}) == [
        ("file.overlay", "environments/prod/a.yaml"),
        ("file.overlay", "environments/prod/b.yaml"),
        ("file.overlay", "environments/staging/a.yaml"),
    ]
    beside = SETTINGS.replace("endpoints/*.yaml", "e*/a.yaml").replace("environments/prod/", "endpoints/b")
    named = load(tmp_path, "staging", inferctl=beside)
    assert (models(named), named.diagnostics) == ({"a": "small"}, ())


def test_paths_without_endpoints_in_the_settings_pass_overlays_by(tmp_path: Path) -> None:
    loaded = load(tmp_path, "prod", ".", inferctl=SETTINGS.partition("\n")[2])
    assert (models(loaded), loaded.diagnostics) == ({"a": "large"}, ())


def test_an_overlay_that_no_glob_matches_is_a_warning(tmp_path: Path) -> None:
    load(tmp_path, "prod")
    (tmp_path / "environments/prod/c.yml").write_text(overlay("b", "x"))
    (tmp_path / "endpoints/c.yml").write_text(endpoint("c"))
    found = [(one.code, one.span.file, one.what.partition(" looks ")[2]) for one in load(tmp_path, "prod").diagnostics]
    assert found == [
        ("file.unmatched", "endpoints/c.yml", "like an endpoint file, and no glob matches it"),
        ("file.unmatched", "environments/prod/c.yml", "like an overlay, and no glob matches it"),
    ]


def test_overlays_stay_inside_of_the_repository_and_match_something(tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text(overlay("a", "stolen"))
    repository = tmp_path / "repository"
    load(repository, "prod")
    (repository / ".git").mkdir()
    up = SETTINGS.replace("environments/prod/*", "../*")
    assert [one.code for one in load(repository, "prod", inferctl=up).diagnostics] == ["file.outside"]
    (repository / "environments/prod/c.yaml").symlink_to(outside)
    loaded = load(repository, "prod", inferctl=SETTINGS)
    assert [(one.code, one.span.file) for one in loaded.diagnostics] == [("file.outside", "environments/prod/c.yaml")]
    nowhere = SETTINGS.replace("environments/prod/*", "environments/production/*")
    assert [one.code for one in load(repository, "prod", inferctl=nowhere).diagnostics] == ["file.no-match"]


def test_all_skipped_is_no_wish_to_remove_everything(tmp_path: Path) -> None:
    loaded = load(tmp_path, "prod", environments__prod__a="inference_id: a\nskip: true\n")
    assert [one.code for one in loaded.diagnostics] == ["file.empty-set"]
    assert "overlays of prod skip them all" in loaded.diagnostics[0].what
