"""Where a webhook may point: no address inside the installation's own network, whatever name it hides behind."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from matcher.errors import InvalidInput

#: Longer than any real callback; every proxy takes it.
URL_MAX: Final = 2000
_PORTS: Final = {"http": 80, "https": 443}
_HINT: Final = "应如 https://example.gov.cn/pilotmatch"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotAllowed(InvalidInput):
    """A target that this installation does not send to."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart and checked: connect to `address`, and call it `host`."""

    url: str
    scheme: str
    host: str
    port: int
    address: str


def check_url(url: str, *, production: bool) -> str:
    """The URL, if a webhook may be sent there; looks at no name server.

    Raises:
        NotAllowed: no http(s) URL, one with user, password or fragment, with control characters or a space, or too
            long; in production also one that is not https, or an address or name of the own network. Field `url`.
    """
    parts = _parts(url)
    if production and parts.scheme != "https":
        raise _refused("生产环境的 webhook 必须用 https")
    host = (parts.hostname or "").encode("idna").decode("ascii").rstrip(".")
    if production and (host == "localhost" or host.endswith((".localhost", ".local", ".internal"))):
        raise _refused("webhook 不能指向内部主机")
    address = _literal(host)
    if production and address is not None and not is_public(address):
        raise _refused("webhook 不能指向内网、本机或保留地址")
    return url


def resolve(url: str, *, production: bool) -> Target:
    """The URL with the address to connect to; to be called before each delivery, as a name may point elsewhere by now.

    Every address that the name has must be public: a name with a public and a private one is not trusted.

    Raises:
        NotAllowed: as for `check_url`, or the name leads into the own network. OSError: the name can't be resolved.
    """
    check_url(url, production=production)
    parts = _parts(url)
    host = parts.hostname or ""
    port = parts.port or _PORTS[parts.scheme]
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]) for one in found]
    if production and not all(is_public(ipaddress.ip_address(one.partition("%")[0])) for one in addresses):
        raise _refused("webhook 的域名指向内网、本机或保留地址")
    return Target(url, parts.scheme, host, port, addresses[0])


def is_public(address: Address) -> bool:
    """Whether an address is one of the open Internet, also where it wraps another (IPv4 in IPv6, 6to4, NAT64)."""
    inner = _inner(address)
    if inner is not None and not is_public(inner):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


#: RFC 6052: the last 32 bits are an IPv4 address that a gateway connects to.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def _inner(address: Address) -> Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address.teredo is not None:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour


def _parts(url: str) -> SplitResult:
    if len(url) > URL_MAX:
        raise _refused(f"网址超过 {URL_MAX} 个字符")
    # urlsplit drops tabs and line ends silently: what is checked must be what is sent.
    if not url.isprintable() or " " in url or "\\" in url:
        raise _refused("网址中有空格、反斜杠或控制字符")
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it checks it
        (parts.hostname or "").encode("idna")
    except (ValueError, UnicodeError):
        raise _refused("网址无法读取") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise _refused("webhook 的网址应以 https:// 开头并写明主机")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _refused("网址中不能有用户名、口令或 # 片段")
    return parts


def _literal(host: str) -> Address | None:
    """The address that a host is, also in the forms that only the system's resolver understands (127.1, 0x7f000001)."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


def _refused(message: str) -> NotAllowed:
    return NotAllowed(message, hint=_HINT, field="url")
