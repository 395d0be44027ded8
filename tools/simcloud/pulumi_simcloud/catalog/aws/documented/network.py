"""EC2: what its API reference says of networks and security groups.

Unless another page is named, each rule stands at the field of the operation's API reference.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.aws.common import SECURITY_GROUP, SUBNET
from pulumi_simcloud.failures import Failure
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule, check, pattern
from pulumi_simcloud.rules.fields import needed_with

VPC = "aws:ec2/vpc:Vpc"
# CreateSecurityGroup, GroupName and Description.
PLAIN = r"[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{0,255}"
# IpPermission, IpProtocol: names that terraform-provider-aws knows, and numbers.
PROTOCOL = r"(?i)-1|all|tcp|udp|icmp|icmpv6|\d{1,3}"
SOURCES = ("cidrBlocks", "ipv6CidrBlocks", "prefixListIds", "securityGroups")
SMALLEST, BIGGEST = 28, 16


def _network(value: Any) -> ipaddress.IPv4Network | None:
    try:
        return ipaddress.IPv4Network(value)
    except ValueError:
        return None


def _in_network(inputs: Inputs, world: Existing) -> Iterator[str]:
    """A subnet lies in its VPC and in no other subnet (CreateSubnet: CidrBlock)."""
    vpc = world.find([VPC], inputs.get("vpcId"), ("id",))
    subnet = _network(inputs.get("cidrBlock"))
    whole = _network(vpc.inputs.get("cidrBlock")) if vpc else None
    if subnet is None or whole is None:
        return
    if not subnet.subnet_of(whole):
        yield f"InvalidSubnet.Range: {subnet} is not in {whole}"
    for row in world.of(SUBNET):
        other = _network(row.inputs.get("cidrBlock"))
        if row.inputs.get("vpcId") == inputs.get("vpcId") and other and subnet.overlaps(other):
            yield f"InvalidSubnet.Conflict: {subnet} conflicts with {other}"


def _in_region(inputs: Inputs, world: Existing) -> Iterator[str]:
    """A zone is one of the region (CreateSubnet: AvailabilityZone)."""
    zone, region = inputs.get("availabilityZone"), inputs.get("region") or world.variables["region"]
    if isinstance(zone, str) and not re.fullmatch(rf"{region}(-[a-z0-9-]+)?[a-z]", zone):
        reason = f"Value ({zone}) for parameter availabilityZone is invalid"
        yield f"InvalidParameterValue: {reason}: it is no zone of {region}"


def _sized(value: Any) -> str | None:
    network = _network(value)
    if network is None or BIGGEST <= network.prefixlen <= SMALLEST:
        return None
    return f"InvalidSubnet.Range: {value} is not between /{BIGGEST} and /{SMALLEST}"


# Measured: github badmintoncryer/cdk-preflight, pf-ec2-vpc-cidr-reserved-range.
RESERVED_RANGES = ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4")


def _free(value: Any) -> str | None:
    network = _network(value)
    reserved = next(
        (text for text in RESERVED_RANGES if network and network.overlaps(_range(text))), None
    )
    return f"The CIDR '{value}' is invalid: it is in {reserved}" if reserved else None


def _translated(inputs: Inputs) -> Iterator[Failure]:
    """Names are translated where a subnet has an IPv6 range (CreateSubnet's own answer)."""
    ranges = ("ipv6CidrBlock", "ipv6IpamPoolId", "ipv6Native")
    if inputs.get("enableDns64") is True and not any(inputs.get(name) for name in ranges):
        yield Failure("enableDns64", "only with an IPv6 CIDR block")


def _range(text: str) -> ipaddress.IPv4Network:
    return ipaddress.IPv4Network(text)


def _addressed(inputs: Inputs) -> Iterator[Failure]:
    """A subnet has an IPv4 range, or is for IPv6 alone."""
    ranges = ("cidrBlock", "ipv4IpamPoolId", "ipv6CidrBlock", "ipv6IpamPoolId")
    if all(inputs.get(name) is None for name in ranges):
        yield Failure("cidrBlock", "missing: a subnet needs an address range")


def _ranged(inputs: Inputs) -> Iterator[Failure]:
    """A VPC has an IPv4 range, by itself or from a pool (CreateVpc)."""
    if all(inputs.get(name) is None for name in ("cidrBlock", "ipv4IpamPoolId")):
        yield Failure("cidrBlock", "MissingParameter: either cidrBlock or an IPAM pool is needed")


def _resolved(inputs: Inputs) -> Iterator[Failure]:
    """Hosts have names where names are resolved (ModifyVpcAttribute: EnableDnsHostnames)."""
    if inputs.get("enableDnsHostnames") is True and inputs.get("enableDnsSupport") is False:
        yield Failure("enableDnsHostnames", "InvalidParameterValue: needs enableDnsSupport")


def _ports(value: Any) -> str | None:
    """From a port to the same or a higher one; all protocols have all ports."""
    protocol = str(value.get("protocol")).lower()
    first, last = value.get("fromPort"), value.get("toPort")
    if not isinstance(first, int) or not isinstance(last, int):
        return None
    if protocol in ("-1", "all"):
        return "with protocol -1 both ports are 0" if first or last else None
    if protocol in ("tcp", "udp", "6", "17"):
        if not 0 <= first <= last <= 65535:
            return f"InvalidParameterValue: the ports {first} to {last} are no range in 0 to 65535"
    elif protocol in ("icmp", "icmpv6") and not (-1 <= first <= 255 and -1 <= last <= 255):
        return f"InvalidParameterValue: ICMP type and code ({first}, {last}) are -1 to 255"
    elif protocol in ("icmp", "icmpv6") and first == -1 and last != -1:
        return f"InvalidParameterValue: ICMP code ({last}) for all ICMP types"
    return None


def _sourced(value: Any) -> str | None:
    """Somebody may come in: a range, a list or a group (AuthorizeSecurityGroupIngress)."""
    if value.get("self") or any(value.get(name) for name in SOURCES):
        return None
    return f"needs one of {', '.join(SOURCES)} or self"


def _twice(inputs: Inputs) -> Iterator[Failure]:
    """No rule is there twice (InvalidPermission.Duplicate)."""
    for direction in ("ingress", "egress"):
        keys: set[tuple[Any, ...]] = set()
        for path, rule in select(inputs, f"{direction}[*]"):
            if not isinstance(rule, dict) or UNKNOWN in rule.values():
                continue
            ports = (str(rule.get("protocol")).lower(), rule.get("fromPort"), rule.get("toPort"))
            for name in SOURCES:
                for source in rule.get(name) or []:
                    key = (*ports, name, str(source))
                    if key in keys:
                        yield Failure(path, f"InvalidPermission.Duplicate: {source} {ports}")
                    keys.add(key)


def _named_once(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Names are the only ones in a VPC, in any case."""
    for row in world.of(SECURITY_GROUP):
        same = str(row.inputs.get("name")).lower() == str(inputs.get("name")).lower()
        if same and row.inputs.get("vpcId") == inputs.get("vpcId"):
            yield f"InvalidGroup.Duplicate: {inputs.get('name')!r} already exists in the VPC"


def _groups_exist(inputs: Inputs, world: Existing) -> Iterator[str]:
    if not world.closed:
        return
    for direction in ("ingress", "egress"):
        for _, name in select(inputs, f"{direction}[*].securityGroups[*]"):
            plain = str(name).rpartition("/")[2]
            row = world.find([SECURITY_GROUP], plain, ("id",))
            if name is not UNKNOWN and row is None:
                yield f"InvalidGroup.NotFound: the security group {plain!r} does not exist"
            # Peering, which would connect them, is no type of the catalog.
            if row is not None and row.inputs.get("vpcId") != inputs.get("vpcId"):
                reason = "You have specified two resources that belong to different networks"
                yield f"InvalidGroup.NotFound: {reason}: {plain!r}"


def _with_range(inputs: Inputs, world: Existing) -> Iterator[str]:
    """An IPv6 range of a subnet is part of its VPC's (CreateSubnet: Ipv6CidrBlock)."""
    vpc = world.find([VPC], inputs.get("vpcId"), ("id",))
    if vpc is None or not isinstance(inputs.get("ipv6CidrBlock"), str):
        return
    ranges = ("assignGeneratedIpv6CidrBlock", "ipv6CidrBlock", "ipv6IpamPoolId")
    if not any(vpc.inputs.get(name) for name in ranges):
        yield f"InvalidSubnet.Range: the VPC of {inputs['ipv6CidrBlock']} has no IPv6 range"


RULES: dict[str, tuple[Rule, ...]] = {
    SECURITY_GROUP: (
        pattern("name", r"(?!sg-)[\s\S]+", "a name that does not begin with sg-"),
        pattern("name", PLAIN, "letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*"),
        # terraform-provider-aws, aws_security_group: `Cannot be ""`; CreateSecurityGroup.
        pattern("description", r"[\s\S]+", "a description that is not empty"),
        pattern("name", r"(?!default$)[\s\S]*", "default is a reserved name"),
        pattern("description", PLAIN, "letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*"),
        *(
            rule
            for way in ("ingress[*]", "egress[*]")
            for rule in (
                check(way, _ports),
                check(way, _sourced),
                pattern(f"{way}.protocol", PROTOCOL, "tcp, udp, icmp, icmpv6, -1 or a number"),
                pattern(
                    f"{way}.prefixListIds[*]", r"pl-[0-9a-f]+", "a prefix list such as pl-6ea5"
                ),
                pattern(f"{way}.description", PLAIN, "letters, digits and ._-:/()#,@[]+=&;{}!$*"),
            )
        ),
        PathRule(("ingress", "egress"), _twice),
    ),
    SUBNET: (
        check("cidrBlock", _sized),
        PathRule(("cidrBlock", "ipv4IpamPoolId", "ipv6CidrBlock", "ipv6IpamPoolId"), _addressed),
        PathRule(("enableDns64", "ipv6CidrBlock"), _translated),
        needed_with("availabilityZone", "outpostArn"),
        needed_with("ipv6CidrBlock", "ipv6Native"),
        needed_with("ipv6CidrBlock", "assignIpv6AddressOnCreation"),
    ),
    VPC: (
        PathRule(("cidrBlock", "ipv4IpamPoolId"), _ranged),
        check("cidrBlock", _free),
        PathRule(("enableDnsHostnames", "enableDnsSupport"), _resolved),
    ),
}

DEMANDS: dict[str, tuple[Demand, ...]] = {
    SUBNET: (_in_network, _in_region, _with_range),
    SECURITY_GROUP: (_named_once, _groups_exist),
}
