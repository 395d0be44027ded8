"""Provider functions: data that programs ask a cloud for."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

from pulumi_simcloud.failures import CloudError
from pulumi_simcloud.platforms import CLIENT, project_number, table

Values = dict[str, Any]


def invoke(token: str, args: Values, settings: Values) -> Values:
    """The answer of a provider function.

    Raises:
        CloudError: the simulated cloud doesn't know the function.
    """
    answer = ANSWERS.get(token)
    if answer is None:
        raise CloudError(f"the simulated cloud does not know the function {token!r}")
    return answer(args, settings)


def _caller_identity(args: Values, settings: Values) -> Values:
    account = settings["account"]
    user = "AIDASIMULATEDCLOUD001"
    arn = f"arn:{settings['partition']}:iam::{account}:user/simulated"
    if settings.get("principal"):
        role = settings["principal"].rpartition("/")[2]
        user = "AROASIMULATEDCLOUD001:simulated"
        arn = f"arn:{settings['partition']}:sts::{account}:assumed-role/{role}/simulated"
    return {"accountId": account, "arn": arn, "id": account, "userId": user}


def _region(args: Values, settings: Values) -> Values:
    region = args.get("region") or args.get("name") or settings["region"]
    return {
        "id": region,
        "name": region,
        "region": region,
        "description": region,
        "endpoint": f"ec2.{region}.{settings['suffix']}",
    }


def _partition(args: Values, settings: Values) -> Values:
    prefix = ".".join(reversed(settings["suffix"].split(".")))
    partition = settings["partition"]
    return {
        "id": partition,
        "partition": partition,
        "dnsSuffix": settings["suffix"],
        "reverseDnsPrefix": prefix,
    }


def _prebuilt_image(args: Values, settings: Values) -> Values:
    name, region = args.get("repositoryName"), args.get("region") or settings["region"]
    if name != "sagemaker-scikit-learn":
        raise CloudError(f"the simulated cloud has no registry account for repository {name!r}")
    account = table("sklearn_accounts").get(region)
    if account is None:
        raise CloudError(f"no registry account for {name!r} in region {region!r}")
    suffix = args.get("dnsSuffix") or settings["suffix"]
    path = f"{account}.dkr.ecr.{region}.{suffix}/{name}:{args.get('imageTag', '1')}"
    return {"id": path, "registryId": account, "registryPath": path, "repositoryName": name}


def _policy_document(args: Values, settings: Values) -> Values:
    statements = [_statement(item) for item in args.get("statements", [])]
    version = args.get("version", "2012-10-17")
    text = json.dumps({"Version": version, "Statement": statements}, indent=2)
    return {"id": str(zlib.crc32(text.encode())), "json": text, "minifiedJson": text}


def _statement(item: Values) -> Values:
    statement: Values = {"Effect": item.get("effect", "Allow")}
    for key, name in (("sid", "Sid"), ("actions", "Action"), ("resources", "Resource")):
        if item.get(key):
            statement[name] = item[key]
    for key, name in (("notActions", "NotAction"), ("notResources", "NotResource")):
        if item.get(key):
            statement[name] = item[key]
    for principal in item.get("principals", []):
        if principal["type"] == "*":
            # policy_model.go of the provider writes "Principal": "*" for it.
            statement["Principal"] = "*"
        else:
            statement.setdefault("Principal", {})[principal["type"]] = principal["identifiers"]
    for condition in item.get("conditions", []):
        tests = statement.setdefault("Condition", {}).setdefault(condition["test"], {})
        tests[condition["variable"]] = condition["values"]
    return statement


def _google_client(args: Values, settings: Values) -> Values:
    return {
        "id": f"projects/{settings['project']}",
        "project": settings["project"],
        "region": settings["region"] or "",
        "zone": "",
        "accessToken": "",
        "defaultLabels": settings["default_labels"],
    }


def _google_project(args: Values, settings: Values) -> Values:
    project = args.get("projectId") or settings["project"]
    return {
        "id": f"projects/{project}",
        "projectId": project,
        "number": project_number(project),
        "name": project,
        "billingAccount": "000000-AAAAAA-BBBBBB",
    }


def _storage_agent(args: Values, settings: Values) -> Values:
    project = args.get("project") or settings["project"]
    email = f"service-{project_number(project)}@gs-project-accounts.iam.gserviceaccount.com"
    return {
        "id": email,
        "project": project,
        "emailAddress": email,
        "member": f"serviceAccount:{email}",
    }


def _bigquery_agent(args: Values, settings: Values) -> Values:
    project = args.get("project") or settings["project"]
    email = f"bq-{project_number(project)}@bigquery-encryption.iam.gserviceaccount.com"
    return {
        "id": email,
        "project": project,
        "email": email,
        "member": f"serviceAccount:{email}",
    }


def _azure_client(args: Values, settings: Values) -> Values:
    return {
        "subscriptionId": settings["subscription"],
        "tenantId": settings["tenant"],
        "clientId": CLIENT,
        "objectId": settings.get("principal") or CLIENT,
    }


def _azure_token(args: Values, settings: Values) -> Values:
    """A token of nobody's: readable claims as in "Access token claims reference", no signature."""
    principal = settings.get("principal")
    kind = "app" if principal else "user"
    claims = json.dumps({"oid": principal or CLIENT, "tid": settings["tenant"], "idtyp": kind})
    parts = ('{"alg":"none"}', claims)
    return {"token": ".".join(_base64url(part) for part in parts) + "."}


def _base64url(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


# Functions that make the account that they tell of, and the key of its e-mail.
# https://cloud.google.com/storage/docs/projects#service-agents,
# https://cloud.google.com/bigquery/docs/customer-managed-encryption#service_account
MAKING = {
    "gcp:storage/getProjectServiceAccount:getProjectServiceAccount": "emailAddress",
    "gcp:bigquery/getDefaultServiceAccount:getDefaultServiceAccount": "email",
}
ANSWERS = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getPartition:getPartition": _partition,
    "aws:sagemaker/getPrebuiltEcrImage:getPrebuiltEcrImage": _prebuilt_image,
    "aws:iam/getPolicyDocument:getPolicyDocument": _policy_document,
    "gcp:organizations/getClientConfig:getClientConfig": _google_client,
    "gcp:organizations/getProject:getProject": _google_project,
    "gcp:storage/getProjectServiceAccount:getProjectServiceAccount": _storage_agent,
    "gcp:bigquery/getDefaultServiceAccount:getDefaultServiceAccount": _bigquery_agent,
    "azure-native:authorization:getClientConfig": _azure_client,
    "azure-native:authorization:getClientToken": _azure_token,
}
