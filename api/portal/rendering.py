"""A page: the visitor, the API on his behalf, his language, and templates filled in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Depends, Request
from itsdangerous import BadSignature, URLSafeSerializer
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.dependencies import CallerDep, SettingsDep
from api.portal.assets import asset_address
from api.portal.client import Client
from api.portal.filters import FILTERS
from api.portal.forms import VISITOR, Form, SignInNeeded, new_once, new_visitor, visitor_token
from api.portal.languages import LANGUAGES, TAGS, Language, language_of, translations
from api.portal.menus import menu_of
from api.security import masked
from matcher.catalogue.access import Actor, Role
from matcher.catalogue.accounts.callers import Caller
from matcher.errors import Forbidden
from matcher.secret import secret_of
from matcher.settings import Settings
from matcher.web_address import is_web_address

TEMPLATES: Final = Path(__file__).parent / "templates"
FLASH: Final = "pilotmatch_flash"
THEME: Final = "pilotmatch_theme"
THEMES: Final = ("light", "dark")
#: A browser's cookie holds 4 kB; a sentence or two is all that is said on the next page.
FLASH_LENGTH: Final = 300


@cache
def environment(language: Language) -> Environment:
    """Templates in a language. Everything is escaped; a name that a template misspells is an error, not a blank."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        # A template that changes under a running server would meet pages that know nothing of its new values.
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    made.globals |= {"asset": asset_address, "language": language, "tag": TAGS[language], "languages": LANGUAGES}
    made.globals |= {"new_once": new_once, "empty_form": Form()}
    made.filters |= FILTERS[language]
    made.tests["web_address"] = is_web_address
    return made


class Page:
    """One request for a page.

    Attributes:
        api: calls `/v1` as the visitor. caller: who he is. language: of the page.
    """

    def __init__(self, request: Request, caller: Caller, settings: Settings) -> None:
        self.request = request
        self.caller = caller
        self.settings = settings
        self.api = Client(request, caller.csrf)
        self.language = language_of(request)

    def text(self, text: str, **values: Any) -> str:
        """The text in the page's language, with values put in as `%(name)s`."""
        # gettext keeps what a file says of itself under the empty text.
        translated: str = translations(self.language).ugettext(text) if text else ""
        return translated % values if values else translated

    def needs_sign_in(self, *roles: Role) -> str:
        """The visitor's id.

        Raises:
            SignInNeeded: a stranger. Forbidden: none of these roles; admins may see what each role may.
        """
        if not self.caller.actor.signed_in:
            raise SignInNeeded()
        if roles:
            self.caller.actor.needs_role(*roles)
        elif self.caller.actor.scopes is not None:
            raise Forbidden("此操作不能用 API 密钥", hint="请登录后在页面上操作")
        return self.caller.actor.needs_sign_in()

    def as_session(self, csrf: str, role: Role) -> Page:
        """The same page as the one who has just signed in will have it."""
        return Page(self.request, Caller(Actor("", role), csrf), self.settings)

    def render(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page from a template, which finds `page`, `token` for forms and what is given here."""
        visitor = self.request.cookies.get(VISITOR)
        made = visitor or new_visitor()
        token = self.caller.csrf or visitor_token(self.settings, made)
        flashes = self._flashes()
        text = (
            environment(self.language)
            .get_template(template)
            .render(
                page=self,
                token=masked(token),
                menu=menu_of(self.caller.actor),
                here=self.request.url.path,
                flashes=flashes,
                theme=self.theme,
                **values,
            )
        )
        # What somebody sees depends on who he is: neither proxies nor the back button of the next visitor may keep it.
        response = HTMLResponse(text, status, {"Cache-Control": "no-store", "Content-Language": TAGS[self.language]})
        if self.caller.csrf is None and visitor is None:
            self._set_cookie(response, VISITOR, made)
        if flashes:
            response.delete_cookie(FLASH, path="/")
        return response

    @property
    def theme(self) -> str | None:
        """Light or dark where the visitor chose; None follows his device."""
        chosen = self.request.cookies.get(THEME)
        return chosen if chosen in THEMES else None

    def address(self, **changes: Any) -> str:
        """The address of this page with other values in its query; None takes one out."""
        items = [(name, value) for name, value in self.request.query_params.multi_items() if name not in changes]
        for name, value in changes.items():
            values = value if isinstance(value, list | tuple) else [value]
            items += [(name, str(one)) for one in values if one not in (None, "")]
        return f"{self.request.url.path}?{urlencode(items)}" if items else self.request.url.path

    def go(self, path: str, said: str | None = None, kind: str = "done") -> Response:
        """To another page by GET, so that neither reload nor the back button sends a form again.

        Args:
            said: one sentence for the top of that page. kind: done / note / problem.
        """
        response = RedirectResponse(path, 303)
        if said is not None:
            value = self._signer().dumps([kind, said[:FLASH_LENGTH]])
            assert isinstance(value, str)
            self._set_cookie(response, FLASH, value)
        return response

    def _flashes(self) -> Sequence[tuple[str, str]]:
        try:
            kind, said = self._signer().loads(self.request.cookies.get(FLASH, ""))
        except (BadSignature, ValueError, TypeError):
            return ()
        return ((str(kind), str(said)),)

    def _signer(self) -> URLSafeSerializer:
        return URLSafeSerializer(secret_of(self.settings), salt="pilotmatch.flash", serializer=json)

    def _set_cookie(self, response: Response, name: str, value: str) -> None:
        secure = self.settings.env == "production"
        response.set_cookie(name, value, httponly=True, samesite="lax", secure=secure, path="/")


async def _page(request: Request, caller: CallerDep, settings: SettingsDep) -> Page:
    return Page(request, caller, settings)


#: What every page asks for.
PageDep = Annotated[Page, Depends(_page)]
