"""A twentieth round on Azure: networks and subnets."""

from __future__ import annotations

from refusals.case import EXCLUSIVE, GITHUB, PATTERN, RANGE, Refusal

DOCS = f"{GITHUB}/MicrosoftDocs/azure-docs"

NETWORKS = [
    Refusal(
        f"{GITHUB}/microsoft/vscode-azurevirtualmachines/issues/153",
        PATTERN,
        "network",
        "NetcfgInvalidVirtualNetworkSite: not valid as specified with the name '1'",
        {"virtualNetworkName": "1"},
        {"virtualNetworkName": "11"},
    ),
    Refusal(
        f"{GITHUB}/microsoft/sql-server-samples/issues/492",
        PATTERN,
        "network",
        "0.0.0.1/28 has an invalid CIDR notation; the address prefix should be 0.0.0.0/28",
        {"addressSpace": {"addressPrefixes": ["10.0.0.1/16"]}},
        {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}},
    ),
    Refusal(
        f"{GITHUB}/Azure/avdaccelerator/issues/83",
        PATTERN,
        "network",
        "InvalidAddressPrefixFormat: not formatted correctly, should follow CIDR notation",
        {
            "addressSpace": {
                "addressPrefixes": [
                    "[if(equals(steps('avdNetwork').createAvdVnet, true), "
                    "steps('avdNetwork').avdVnetSize, '10.10.0.0/23')"
                ]
            }
        },
        {"addressSpace": {"addressPrefixes": ["10.10.0.0/23"]}},
    ),
    Refusal(
        f"{DOCS}/issues/60581",
        RANGE,
        "subnet",
        "The address range '10.1.0.0/24' is not contained in this virtual network's spaces",
        {"addressPrefix": "10.1.0.0/24"},
        {"addressPrefix": "10.0.2.0/24"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/10917",
        EXCLUSIVE,
        "subnet",
        "Subnet 'private-dmz' is not valid in virtual network 'dmz' (overlaps with another)",
        {"subnetName": "private-dmz", "addressPrefix": "10.0.0.0/27"},
        {"subnetName": "private-dmz", "addressPrefix": "10.0.0.32/27"},
        (("public", "subnet", {"subnetName": "public-dmz", "addressPrefix": "10.0.0.0/28"}),),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-service-operator/issues/997",
        PATTERN,
        "subnet",
        "InvalidAddressPrefixFormat: 10.1.0.0 should follow CIDR notation",
        {"addressPrefix": "10.0.1.0"},
        {"addressPrefix": "10.0.1.0/24"},
    ),
]
