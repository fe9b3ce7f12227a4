"""The address somebody calls from, and the part of it that we keep."""

from __future__ import annotations

import ipaddress

from allauth.account.adapter import get_adapter
from django.http import HttpRequest

KEPT_BITS = {4: 24, 6: 48}


def of(request: HttpRequest) -> str:
    """Return the whole address, by the rule that the rate limits use; it is never stored."""
    address: str = get_adapter(request).get_client_ip(request)
    return address


def truncated(address: str) -> str:
    """Return the network ("203.0.113.0", "2001:db8:1::"): enough to recognise a place, too little to name a person."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return str(ipaddress.ip_network((ip, KEPT_BITS[ip.version]), strict=False).network_address)


def kept_of(request: HttpRequest) -> str:
    """Return what may be stored about where this request came from."""
    return truncated(of(request))
