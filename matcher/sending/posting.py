"""One signed POST to a webhook: to an address that was checked, without redirects, within a time limit."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

import httpx

from matcher.errors import Unavailable
from matcher.sending.signing import headers_for
from matcher.sending.targets import NotAllowed, Target, resolve

#: In all, from connecting to the answer's status line: a receiver that needs longer should answer first and work then.
DEADLINE: Final = 10.0
USER_AGENT: Final = "PilotMatch-Webhook/1"
_GONE: Final = 410


class Failed(Unavailable):
    """A delivery that did not arrive; `final` where trying again is pointless."""

    def __init__(self, message: str, *, final: bool = False) -> None:
        super().__init__(message)
        self.final = final


def post(url: str, secret: str, delivery: str, content: dict[str, Any], *, production: bool) -> int:
    """Send `content` as signed JSON; the status of the answer (2xx). The answer's body is not read.

    Args:
        delivery: `webhook-id`, the same for each try.

    Raises:
        Failed: no answer within `DEADLINE`, another status (a redirect is not followed), or a URL that is not allowed.
    """
    body = json.dumps(content, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
    headers = {"content-type": "application/json", "user-agent": USER_AGENT, **headers_for(secret, delivery, body)}
    try:
        target = resolve(url, production=production)
        status = asyncio.run(_status_of(target, body, headers))
    except NotAllowed as error:
        raise Failed(error.message) from None
    except TimeoutError:
        raise Failed(f"{DEADLINE:g} 秒内没有应答") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        raise Failed(f"连接失败({type(error).__name__})") from error
    if status == _GONE:
        raise Failed("接收方已停用此地址(410)", final=True)
    if not 200 <= status < 300:
        raise Failed(f"接收方答复 {status}" + (",重定向不予跟随" if 300 <= status < 400 else ""))
    return status


async def _status_of(target: Target, body: bytes, headers: dict[str, str]) -> int:
    # httpx's own limits are for each read: a receiver that sends a byte every nine seconds would hold us for hours.
    async with asyncio.timeout(DEADLINE):
        return await _send(target, body, headers)


async def _send(target: Target, body: bytes, headers: dict[str, str]) -> int:
    # The address that was checked is the one that is connected to; the name goes into Host and the TLS handshake, so
    # the certificate is checked against it. Proxies from the environment would connect elsewhere, so none is used.
    url = httpx.URL(target.url)
    request_headers = {**headers, "host": url.netloc.decode("ascii")}
    async with httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=DEADLINE) as client:
        request = client.build_request(
            "POST",
            url.copy_with(host=target.address),
            content=body,
            headers=request_headers,
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        )
        response = await client.send(request, stream=True)
        await response.aclose()
        return response.status_code
