"""Signing in and out, opening an account, and the way back in when the password is lost."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.portal.client import Answer, Refused
from api.portal.failures import TECHNICAL
from api.portal.forms import KEPT, KEPT_TARGET, Form, FormDep, local_path, new_once, unpacked
from api.portal.languages import later
from api.portal.menus import desk_of
from api.portal.rendering import Page, PageDep
from api.portal.wording import PERSON_LABELS
from matcher.errors import NotFound

SIGNED_OUT = later("已退出登录")
WELCOME = later("账号已开设,您已登录")
RESET_SENT = later("如果这个邮箱有账号,重置密码的邮件已发出,链接一小时内有效")
PASSWORD_SET = later("密码已设置,请登录")

router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
async def sign_in_page(page: PageDep, target: Annotated[str | None, Query(alias="next")] = None) -> Response:
    """The form; who is signed in already goes on."""
    if page.caller.actor.signed_in:
        return page.go(local_path(target, desk_of(page.caller.actor.role)))
    return _sign_in_form(page, Form(), local_path(target, ""))


@router.post("/sign-in")
async def sign_in(page: PageDep, form: FormDep) -> Response:
    """Sign in and go where the visitor was going; what he had typed when his session ended is shown to him again."""
    target = local_path(form.get("next") or form.get(KEPT_TARGET), "")
    try:
        answer = await _session(page, form.get("email"), form.get("password"))
    except Refused as error:
        return _sign_in_form(page, form.refused(error), target, error.status)
    values = unpacked(form.get(KEPT))
    if values and target:
        # With the new session's token: that page is answered by the request after this one.
        shown = page.as_session(answer.json["csrf_token"], answer.json["user"]["role"])
        path = target.partition("?")[0]
        asked = shown.render("confirm.html", target=path, values=values, hidden=TECHNICAL, once=new_once())
        return _with_cookies(asked, answer)
    return _with_cookies(page.go(target or desk_of(answer.json["user"]["role"])), answer)


@router.post("/sign-out")
async def sign_out(page: PageDep, form: FormDep) -> Response:
    """End the session, or all of them."""
    if not page.caller.actor.signed_in:
        return page.go("/")
    answer = await page.api.call("DELETE", "/v1/session", query={"everywhere": form.get("everywhere") or None})
    return _with_cookies(page.go("/", page.text(SIGNED_OUT)), answer)


@router.get("/sign-up")
async def sign_up_page(page: PageDep, target: Annotated[str | None, Query(alias="next")] = None) -> Response:
    """The form for a requester's account."""
    if not page.settings.sign_up:
        raise NotFound("本站不开放注册")
    return page.render("sign_up.html", form=Form(), next=local_path(target, ""))


@router.post("/sign-up")
async def sign_up(page: PageDep, form: FormDep) -> Response:
    """Open the account and sign in."""
    target = local_path(form.get("next"), "")
    body = {"email": form.get("email"), "name": form.get("name"), "password": form.get("password")}
    try:
        await page.api.call("POST", "/v1/account", json=body, once=form.once)
        answer = await _session(page, body["email"], body["password"])
    except Refused as error:
        return page.render("sign_up.html", error.status, form=form.refused(error, labels=PERSON_LABELS), next=target)
    return _with_cookies(page.go(target or "/desk", page.text(WELCOME)), answer)


@router.get("/password-reset")
async def reset_page(page: PageDep, token: str | None = None) -> Response:
    """Ask for a link; or, with the token of a link, set a password. Invitations end here as well."""
    return page.render("password_reset.html", form=Form(), reset_token=token)


@router.post("/password-reset")
async def reset(page: PageDep, form: FormDep) -> Response:
    """Send the link, or set the password."""
    token = form.get("reset_token") or None
    try:
        if token is None:
            await page.api.call("POST", "/v1/account/password-reset", json={"email": form.get("email")})
            return page.go("/sign-in", page.text(RESET_SENT))
        body = {"token": token, "password": form.get("password")}
        await page.api.call("PUT", "/v1/account/password-reset", json=body)
    except Refused as error:
        return page.render("password_reset.html", error.status, form=form.refused(error), reset_token=token)
    return page.go("/sign-in", page.text(PASSWORD_SET))


async def _session(page: Page, email: str, password: str) -> Answer:
    return await page.api.call("POST", "/v1/session", json={"email": email, "password": password})


def _sign_in_form(page: Page, form: Form, target: str, status: int = 200) -> Response:
    single = page.settings.oidc_issuer is not None
    return page.render("sign_in.html", status, form=form, next=target, kept=form.get(KEPT), single=single)


def _with_cookies(response: Response, answer: Answer) -> Response:
    for cookie in answer.cookies:
        response.headers.append("set-cookie", cookie)
    return response
