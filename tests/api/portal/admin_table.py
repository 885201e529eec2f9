"""Who may open which page of the console: administrators, and nobody else."""

from __future__ import annotations

from typing import Final

from tests.api.portal.page_table import ADMINS, PageRow


def _get(path: str, sample: str | None = None, status: int = 200) -> PageRow:
    return PageRow("GET", path, ADMINS, sample, status)


def _post(path: str) -> PageRow:
    return PageRow("POST", path, ADMINS)


ADMIN: Final = (
    _get("/admin"),
    _get("/admin/figures/exposure"),
    _get("/admin/figures/exposure.csv"),
    _get("/admin/figures/{name}.csv", "/admin/figures/needs.csv"),
    _get("/admin/figures/{name}", "/admin/figures/latency"),
    _get("/admin/approvals"),
    _get("/admin/approvals/{listing_id}"),
    _post("/admin/approvals/{listing_id}"),
    _get("/admin/users"),
    _get("/admin/users/new"),
    _post("/admin/users/new"),
    _get("/admin/users/{user_id}"),
    _post("/admin/users/{user_id}"),
    _post("/admin/users/{user_id}/acts"),
    _post("/admin/users/{user_id}/invitation"),
    _post("/admin/users/{user_id}/keys/{key_id}"),
    _get("/admin/organisations"),
    _get("/admin/organisations/new"),
    _post("/admin/organisations/new"),
    _get("/admin/organisations/{organisation_id}"),
    _post("/admin/organisations/{organisation_id}"),
    _post("/admin/organisations/{organisation_id}/deletion"),
    _get("/admin/keys"),
    _post("/admin/keys"),
    _post("/admin/keys/{key_id}"),
    _get("/admin/outbox"),
    _post("/admin/outbox/{delivery_id}"),
    _get("/admin/profiles"),
    _get("/admin/profiles/published", status=303),
    _get("/admin/profiles/{profile_id}"),
    _post("/admin/profiles/{profile_id}/gates"),
    _get("/admin/profiles/{profile_id}/gates/{gate_id}"),
    _post("/admin/profiles/{profile_id}/publication"),
    _post("/admin/profiles/{profile_id}/waivers"),
    _post("/admin/profiles/{profile_id}/rollback"),
    _get("/admin/profiles/{profile_id}/weights"),
    _post("/admin/profiles/{profile_id}/weights"),
    _get("/admin/experiments"),
    _get("/admin/experiments/new"),
    _post("/admin/experiments/new"),
    _get("/admin/experiments/{experiment_id}"),
    _post("/admin/experiments/{experiment_id}/ending"),
    _get("/admin/rules"),
    _get("/admin/rules/synonyms"),
    _post("/admin/rules/synonyms/{profile_id}"),
    _post("/admin/rules/synonyms/{profile_id}/files"),
    _post("/admin/rules/synonyms/{profile_id}/{part}/{number}"),
    _get("/admin/rules/dictionary"),
    _post("/admin/rules/dictionary/{profile_id}"),
    _get("/admin/rules/{profile_id}/{rule_id}"),
    _post("/admin/rules/{profile_id}"),
    _post("/admin/rules/{profile_id}/{rule_id}"),
    _get("/admin/judging"),
    _post("/admin/judging"),
    _get("/admin/judging/{set_id}"),
    _post("/admin/judging/{set_id}/queue"),
    _post("/admin/judging/{set_id}/freezing"),
    _post("/admin/judging/{set_id}/adjudications"),
    _get("/admin/judging/{set_id}/next"),
    _post("/admin/judging/{set_id}/next"),
    _get("/admin/judging/{set_id}/files"),
    _post("/admin/judging/{set_id}/files"),
    _get("/admin/judging/{set_id}/exports/{form}"),
    _get("/admin/watch"),
    _post("/admin/watch/alarms/{alarm_id}"),
    _get("/admin/watch/thresholds"),
    _post("/admin/watch/thresholds"),
    _get("/admin/watch/publications"),
    _get("/admin/audit"),
    _get("/admin/audit.csv"),
    _get("/admin/ledger"),
    _get("/admin/ledger.ndjson"),
)
