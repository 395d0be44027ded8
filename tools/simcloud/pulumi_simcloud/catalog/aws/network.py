"""Resources that a platform finds in an account: networks, registries, parameters."""

from __future__ import annotations

from pulumi_simcloud.catalog.aws.common import SECURITY_GROUP, SUBNET, key
from pulumi_simcloud.kinds import Api, Kind, Name, Ref

VPC, REPOSITORY = "aws:ec2/vpc:Vpc", "aws:ecr/repository:Repository"

NETWORK = (
    Kind(
        VPC,
        id="vpc-{hex:17}",
        api=Api("ec2:CreateVpc"),
        computed={"arn": "arn:{partition}:ec2:{region}:{account}:vpc/vpc-{hex:17}"},
    ),
    Kind(
        SUBNET,
        id="subnet-{hex:17}",
        refs=(Ref("vpcId", (VPC,), ("id",)),),
        computed={"arn": "arn:{partition}:ec2:{region}:{account}:subnet/subnet-{hex:17}"},
    ),
    Kind(
        SECURITY_GROUP,
        id="sg-{hex:17}",
        name=Name("name", 255, prefix="namePrefix"),
        refs=(Ref("vpcId", (VPC,), ("id",)),),
        computed={"arn": "arn:{partition}:ec2:{region}:{account}:security-group/sg-{hex:17}"},
        handles=("id", "arn"),
    ),
    Kind(
        REPOSITORY,
        name=Name("name", 256),
        api=Api("ecr:CreateRepository", {"name": "repositoryName"}, optional=("name",)),
        refs=(key("encryptionConfigurations[*].kmsKey"),),
        computed={
            "arn": "arn:{partition}:ecr:{region}:{account}:repository/{name}",
            "registryId": "{account}",
            "repositoryUrl": "{account}.dkr.ecr.{region}.{suffix}/{name}",
        },
        unique="{region}/{name}",
    ),
    Kind(
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        id="{repository}",
        refs=(Ref("repository", (REPOSITORY,), ("name",)),),
        computed={"registryId": "{account}"},
        handles=("id",),
        unique="{region}/{repository}",
    ),
    Kind(
        "aws:ssm/parameter:Parameter",
        name=Name("name", 1011),
        api=Api("ssm:PutParameter", optional=("name", "value")),
        refs=(key("keyId"),),
        computed={
            "arn": "arn:{partition}:ssm:{region}:{account}:parameter/{name|bare}",
            "version": lambda context: 1,
        },
        unique="{region}/{name}",
    ),
)
