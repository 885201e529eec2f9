"""`/admin/users`: accounts, their roles and organisations; invitations, unlocking, API keys."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from api.portal.admin.acting import NumberQuery, checked, chosen
from api.portal.client import Refused
from api.portal.filters import ROLES
from api.portal.forms import Form, FormDep
from api.portal.languages import later
from api.portal.rendering import Page, PageDep
from api.portal.wording import PERSON_LABELS
from matcher.errors import NotFound

SIZE: Final = 20
ORGANISATIONS: Final = 100
MADE: Final = later("账号已开设。邀请链接(7 天内有效,只显示这一次):%(link)s")
SAVED: Final = later("账号已保存")
LINK: Final = later("设置密码的链接(%(hours)s 小时内有效,只显示这一次):%(link)s")
#: Act → how and where `/v1` has it, and what is said afterwards.
ACTS: Final = {
    "unlock": ("POST", "/unlock", later("登录锁定已解除")),
    "deactivate": ("PATCH", "", later("账号已停用,其登录与密钥已失效")),
    "activate": ("PATCH", "", later("账号已启用")),
    "delete": ("DELETE", "", later("账号已删除")),
}

router = APIRouter(include_in_schema=False)


@router.get("/admin/users")
async def users(
    page: PageDep,
    q: str = "",
    role: str | None = None,
    active: str | None = None,
    organisation_id: str | None = None,
    number: NumberQuery = 1,
) -> Response:
    """One page of the accounts."""
    page.needs_sign_in("admin")
    wanted = {"role": chosen(role, ROLES), "active": chosen(active, ("true", "false")), "q": q.strip()[:200]}
    named = (organisation_id or "")[:64]
    found = await page.api.get("/v1/users", page=number, size=SIZE, organisation_id=named, **wanted)
    return page.render(
        "admin/users.html",
        200,
        found=found,
        number=number,
        size=SIZE,
        roles=ROLES,
        organisation_id=named,
        **wanted,
    )


@router.get("/admin/users/new")
async def new(page: PageDep, organisation_id: str | None = None) -> Response:
    """The form of a new account."""
    page.needs_sign_in("admin")
    return await _form_page(page, Form.of(role="operator", organisation_id=organisation_id), None)


@router.post("/admin/users/new")
async def create(page: PageDep, form: FormDep) -> Response:
    """Open it; the link with which its user sets a password is shown once."""
    page.needs_sign_in("admin")
    try:
        made = await page.api.call("POST", "/v1/users", json=_body(form), once=form.once)
    except Refused as error:
        return await _form_page(page, form.refused(error, labels=PERSON_LABELS), None, error.status)
    token, user = made.json["invitation"], made.json["user"]
    said = page.text(MADE, link=_link(page, token)) if token else page.text(SAVED)
    return page.go(f"/admin/users/{user['id']}", said)


@router.get("/admin/users/{user_id}")
async def one(page: PageDep, user_id: str) -> Response:
    """One account."""
    page.needs_sign_in("admin")
    return await _user_page(page, user_id)


@router.post("/admin/users/{user_id}")
async def change(page: PageDep, user_id: str, form: FormDep) -> Response:
    """Write name, address, role and organisation."""
    page.needs_sign_in("admin")
    try:
        await page.api.call("PATCH", f"/v1/users/{user_id}", json=_body(form), etag=form.get("etag"))
    except Refused as error:
        return await _user_page(page, user_id, error.status, form=form.refused(error, labels=PERSON_LABELS))
    return page.go(f"/admin/users/{user_id}", page.text(SAVED))


@router.post("/admin/users/{user_id}/acts")
async def act(page: PageDep, user_id: str, form: FormDep) -> Response:
    """Unlock, put out of use or into use again, delete."""
    page.needs_sign_in("admin")
    name = form.get("act")
    if name not in ACTS:
        raise NotFound("没有这种操作")
    checking = checked(page, form, reason=False) if name in ("deactivate", "delete") else form
    if checking.errors:
        return await _user_page(page, user_id, 422, acting=checking)
    method, where, said = ACTS[name]
    body = {"active": name == "activate"} if method == "PATCH" else None
    try:
        await page.api.call(method, f"/v1/users/{user_id}{where}", json=body, etag=form.get("etag") or None)
    except Refused as error:
        return await _user_page(page, user_id, error.status, acting=form.with_error("", error.message, error.hint))
    return page.go("/admin/users" if name == "delete" else f"/admin/users/{user_id}", page.text(said))


@router.post("/admin/users/{user_id}/invitation")
async def invite(page: PageDep, user_id: str, form: FormDep) -> Response:
    """A link with which the user sets a password; earlier ones are void."""
    page.needs_sign_in("admin")
    try:
        made = await page.api.call("POST", f"/v1/users/{user_id}/invitation")
    except Refused as error:
        return await _user_page(page, user_id, error.status, acting=form.with_error("", error.message, error.hint))
    link = _link(page, made.json["token"])
    return page.go(f"/admin/users/{user_id}", page.text(LINK, hours=made.json["hours"], link=link))


@router.post("/admin/users/{user_id}/keys/{key_id}")
async def revoke(page: PageDep, user_id: str, key_id: str, form: FormDep) -> Response:
    """End one of the user's API keys."""
    page.needs_sign_in("admin")
    await page.api.call("DELETE", f"/v1/api-keys/{key_id}")
    return page.go(f"/admin/users/{user_id}", page.text(later("API 密钥已吊销")))


def _link(page: Page, token: str) -> str:
    base = page.settings.public_url or str(page.request.base_url)
    return f"{base.rstrip('/')}/password-reset?token={token}"


def _body(form: Form) -> dict[str, Any]:
    body: dict[str, Any] = {name: form.get(name) for name in ("email", "name", "role")}
    return body | {"organisation_id": form.get("organisation_id") or None}


async def _user_page(
    page: Page, user_id: str, status: int = 200, *, form: Form | None = None, acting: Form | None = None
) -> Response:
    answer = await page.api.call("GET", f"/v1/users/{user_id}")
    user = answer.json
    names = ("email", "name", "role", "organisation_id")
    filled = form or Form.of(**{name: user[name] for name in names}, etag=answer.etag)
    keys = await page.api.get("/v1/api-keys", user_id=user_id)
    return page.render(
        "admin/user.html",
        status,
        user=user,
        etag=answer.etag,
        form=filled,
        acting=acting or Form(),
        keys=keys["keys"],
        **await _choices(page, filled),
    )


async def _form_page(page: Page, form: Form, user: Any, status: int = 200) -> Response:
    return page.render("admin/user_form.html", status, form=form, user=user, **await _choices(page, form))


async def _choices(page: Page, form: Form) -> dict[str, Any]:
    """Roles, and organisations: the first by name, and the one that is chosen."""
    found = await page.api.get("/v1/organisations", size=ORGANISATIONS)
    named = {one["id"]: one["name"] for one in found["organisations"]}
    own = form.get("organisation_id")
    if own and own not in named:
        try:
            named[own] = (await page.api.get(f"/v1/organisations/{own}"))["name"]
        except Refused:
            named[own] = own
    return {
        "roles": [(role, page.text(words)) for role, words in ROLES.items()],
        "organisations": list(named.items()),
    }
