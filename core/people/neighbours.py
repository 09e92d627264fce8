"""Addresses that one caller chooses among, counted as one wherever somebody must wait.

A line at home or a rented machine has a whole IPv6 /64 (RFC 6177, RFC 4291 section 2.5.4): whoever
is counted by the single address begins anew 2**64 times.
"""

import ipaddress

PREFIX = 64


def neighbours(address: str) -> str:
    """The network that an address is counted with: IPv6 by its /64, everything else as it is.

    An IPv4 address that came in by an IPv6 socket, or by 6to4, is the IPv4 one.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    inner = found.ipv4_mapped or found.sixtofour
    if inner is not None:
        return str(inner)
    if found.is_loopback:
        return str(found)
    return str(ipaddress.ip_network((int(found), PREFIX), strict=False))
