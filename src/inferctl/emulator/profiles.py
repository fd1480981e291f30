"""Version profiles: what differs between stack versions, as frozen flags.

Every flag cites the page it was read from. A profile of a line, as "9.5", plays the newest patch that is known, or
the release whose behaviour is verified (V in docs/reference/server/README.md#evidence). A profile of a patch, as
"9.5.2", stands beside it where patches of one line differ (versions.md#patch-releases).
"""

from dataclasses import dataclass

Line = tuple[int, int]
Release = tuple[int, int, int]  # with the patch


@dataclass(frozen=True, slots=True)
class Profile:
    """One version of the server and everything the emulator does differently for it."""

    name: str
    number: str
    release: Release
    serverless: bool
    put_timeout: bool  # requests.md#parameters: from 8.19/9.1
    update_timeout: bool  # requests.md#parameters: from 9.5
    long_completion_timeout: bool  # requests.md#parameters: 120s for completion, from 9.5
    update_without_task_type: bool  # update.md#task-type: broken up to 8.17
    update_checks_id_pattern: bool  # update.md#steps: gone on 9.5
    update_null_is_500: bool  # update.md#body: 9.0 to 9.3
    non_object_body_is_500: bool  # malformed.md#bodies: up to 9.1
    update_bad_task_type_status: int  # update.md#body: 500, 400 on 9.5
    update_chunking: bool  # update.md#body: the key is allowed from 9.5
    update_loses_chunking: bool  # reconciling.md#known-faults: not fixed on 8.17, 8.18, 9.0 and 9.1
    update_calls_provider: bool  # update.md#steps: from 9.4
    update_skips_when_equal: bool  # update.md#steps: from 9.4
    update_refuses_leftovers: bool  # update.md#merge: from 9.5
    update_keeps_secrets: bool  # update.md#merge: from 9.5
    update_checks_licence: bool  # update.md#steps: of the endpoint that was found, from 9.3 (#137434)
    in_cluster_update_needs_allocations: bool  # in-cluster.md#update: up to 9.1; 9.2 unknown, read as 9.1
    in_cluster_update_adaptive: bool  # in-cluster.md#update: from 9.3
    attached_update: str  # in-cluster.md#update: "404" on 8.17, "applied" on 8.18 to 9.1, "409" from 9.2
    licence_before_lookup: bool  # errors.md#licence: UPDATE and inference, 8.18 to 9.2 (#119893)
    force_beats_broken: bool  # delete.md#steps: from 9.2
    delete_checks_reserved: bool  # delete.md#steps: from 8.18
    attached_delete_stops_namesake: bool  # delete.md#side-effects: 8.15 to 8.17
    rerank_default_endpoint: bool  # read.md#preconfigured-endpoints: from 8.18
    mapping_guard: bool  # create.md#steps 11: 9.2.1; not in 8.19.0 and 9.1.0
    model_configuration_words: bool  # create.md#refused-settings: "Model configuration contains ..." up to 9.1
    unique_id_words_new: bool  # create.md#steps 9: from 9.1
    end_of_file_type: bool  # malformed.md#bodies: x_content_e_o_f_exception from 9.2
    chunk_limit: bool  # chunking.md: max_chunk_size <= 300 up to 9.1
    timeout_status: int  # errors.md#status-codes: 408 up to 9.3, 504 on 9.4.0, 429 later
    inference_root_fields: bool  # inference.md: input_type, top_n, return_documents at the root, 8.19/9.1
    inference_parser: str  # inference.md: name in parse errors
    rerank_request: bool  # inference.md: rerank has a request of its own from 9.5
    query_only_for_rerank: bool  # inference.md: from 9.2
    deployment_stop_guard: bool  # in-cluster.md#stats: #129325
    services_old_shape: bool  # services.md#list-of-services: 8.17
    semantic_text_is_text: bool  # in _field_caps, from 8.18
    app_exception_header: bool  # errors.md#envelope: X-Elastic-App-Exception from 9.2
    idle_seconds: int  # in-cluster.md#stats: scale to zero after minutes, from 9.1 after 24h

    @property
    def line(self) -> Line:
        """The release without its patch."""
        return self.release[:2]

    def knows(self, since: str = "", until: str = "") -> bool:
        """Tell whether something that came with `since` and left after `until` exists here.

        "8.19/9.1" names the first of both major versions. A single 8.x version means every 9.x too, a single 9.x
        version means no 8.x. "9.5.3" is a patch; "9.4.8/9.5.5" is one that lines of the same major version got
        apart: lines between and before them never did, later ones have it from their first release. `until` "9.5" is
        every patch of 9.5, "9.5.2" is those up to it.
        """
        if until and self.release[: until.count(".") + 1] > _numbers(until):
            return False
        if not since:
            return True
        firsts = [_release(text) for text in since.split("/")]
        of_this_line = [first for first in firsts if first[:2] == self.line]
        if of_this_line:
            return self.release >= min(of_this_line)
        of_this_major = [first for first in firsts if first[0] == self.release[0]]
        return self.release > max(of_this_major or firsts)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _release(version: str) -> Release:
    major, minor, patch = (*_numbers(version), 0)[:3]
    return major, minor, patch


def _profile(name: str, number: str, *, serverless: bool = False) -> Profile:
    release = _release(number)
    line = release[:2]
    v817 = line == (8, 17)
    twins = line == (8, 19) or line >= (9, 1)
    from_92, from_93, from_94, from_95 = (line >= (9, minor) for minor in (2, 3, 4, 5))
    attached = "404" if v817 else ("409" if from_92 else "applied")
    return Profile(
        name=name,
        number=number,
        release=release,
        serverless=serverless,
        put_timeout=twins,
        update_timeout=from_95,
        long_completion_timeout=from_95,
        update_without_task_type=not v817,
        update_checks_id_pattern=not from_95,
        update_null_is_500=(9, 0) <= line <= (9, 3),
        non_object_body_is_500=not from_92,
        update_bad_task_type_status=400 if from_95 else 500,
        update_chunking=from_95,
        update_loses_chunking=line in {(8, 17), (8, 18), (9, 0), (9, 1)},
        update_calls_provider=from_94,
        update_skips_when_equal=from_94,
        update_refuses_leftovers=from_95,
        update_keeps_secrets=from_95,
        update_checks_licence=from_93,
        in_cluster_update_needs_allocations=not from_93,
        in_cluster_update_adaptive=from_93,
        attached_update=attached,
        licence_before_lookup=(8, 18) <= line <= (9, 2),
        force_beats_broken=from_92,
        delete_checks_reserved=not v817,
        attached_delete_stops_namesake=v817,
        rerank_default_endpoint=not v817,
        mapping_guard=from_92,
        model_configuration_words=not from_92,
        unique_id_words_new=line >= (9, 1),
        end_of_file_type=from_92,
        chunk_limit=not from_92,
        timeout_status=429 if release > (9, 4, 0) else (504 if from_94 else 408),
        inference_root_fields=twins,
        inference_parser="cluster:monitor/xpack/inference" if v817 else "cluster:internal/xpack/inference",
        rerank_request=from_95,
        query_only_for_rerank=from_92,
        deployment_stop_guard=twins,
        services_old_shape=v817,
        semantic_text_is_text=not v817,
        app_exception_header=from_92,
        idle_seconds=86_400 if line >= (9, 1) else 900,
    )


PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        _profile("8.17", "8.17.0"),
        _profile("8.18", "8.18.0"),
        _profile("8.19", "8.19.0"),
        _profile("9.0", "9.0.0"),
        _profile("9.1", "9.1.0"),
        _profile("9.2", "9.2.8"),
        _profile("9.3", "9.3.0"),
        _profile("9.4", "9.4.0"),
        _profile("9.4.8", "9.4.8"),
        _profile("9.5", "9.5.3"),
        _profile("9.5.2", "9.5.2"),
        _profile("9.5.3", "9.5.3"),
        _profile("9.5.5", "9.5.5"),
        # It follows the development branch (versions.md); only the behaviour of 9.5 is established, so it gets that.
        _profile("serverless", "9.6.0", serverless=True),
    )
}

DEFAULT_PROFILE = "9.5"
