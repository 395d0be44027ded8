"""Bad inputs on Amazon Web Services."""

from __future__ import annotations

import json

from pulumi_simcloud.property_values import ARCHIVE, SIGNATURE
from samples.documents import definition, policy, statement, step, trust

from planted.case import (
    DELETE,
    GUARD,
    LIMIT,
    REFERENCE,
    REMOVED,
    RULE,
    SCHEMA,
    Planted,
)

NOBODY = "arn:aws:iam::123456789012:role/nobody"
STRANGER = "arn:aws:iam::999999999999:role/stranger"
NO_KEY = "arn:aws:kms:eu-central-1:123456789012:key/1"
NO_TOPIC = "arn:aws:sns:eu-central-1:123456789012:nothing"
ROUTING = "deploymentConfig.blueGreenUpdatePolicy.trafficRoutingConfiguration"
ROLLBACK = "deploymentConfig.autoRollbackConfiguration.alarms"
VARIANT = "productionVariants[0]"
ENCRYPTION = "rules[0].applyServerSideEncryptionByDefault"
MISSING = "does not exist"


def _steps(*steps: dict) -> dict:
    return {"pipelineDefinition": definition(*steps)}


def _if(name: str, *inside: dict) -> dict:
    arguments = {"Conditions": [], "IfSteps": list(inside), "ElseSteps": []}
    return step(name, "Condition", Arguments=arguments)


def _queries(*queries: dict) -> dict:
    single = ("metricName", "namespace", "period", "statistic", "dimensions")
    return {**dict.fromkeys(single, REMOVED), "metricQueries": list(queries)}


def _cron_of_pipeline(value: str | None = None) -> dict:
    parameters = [] if value is None else [{"name": "trigger", "value": value}]
    return {
        "target.sagemakerPipelineParameters": {"pipelineParameters": parameters},
    }


def _cron(text: str) -> dict:
    return {"scheduleExpression": text}


def _board(widget: dict) -> dict:
    return {"dashboardBody": json.dumps({"widgets": [widget]})}


NONCURRENT = {
    "rules[0].noncurrentVersionTransitions": [{"noncurrentDays": 7, "storageClass": "ONEZONE_IA"}]
}
AT, NOON = {"date": "2030-01-31T00:00:00Z", "storageClass": "GLACIER"}, "2030-01-31T12:00:00Z"
TWO_TIMES = {"rules[0].transitions": [{**AT, "days": 40}]}
OTHER_BUCKET = {
    "policy": policy(statement(Principal={"AWS": "${role.arn}"}, Resource="arn:aws:s3:::other/*"))
}

AWS = [
    Planted(SCHEMA, "bucket", "unknown property 'buckett'", {"buckett": "x"}),
    Planted(SCHEMA, "config", "did you mean 'instanceType'", {f"{VARIANT}.instanceTyp": "x"}),
    Planted(SCHEMA, "endpoint", "missing required", {"endpointConfigName": REMOVED}),
    Planted(SCHEMA, "endpoint", "missing required", {f"{ROUTING}.type": REMOVED}),
    Planted(SCHEMA, "loggroup", "expected a whole number", {"retentionInDays": "30"}),
    Planted(SCHEMA, "loggroup", "expected a whole number", {"retentionInDays": 30.5}),
    Planted(SCHEMA, "key", "expected true or false", {"enableKeyRotation": "yes"}),
    Planted(SCHEMA, "bucket", "expected a map", {"tags": ["a"]}),
    Planted(SCHEMA, "bucket", "expected a string", {"tags": {"a": 1}}),
    Planted(SCHEMA, "alarm", "expected a list", {"alarmActions": "x"}),
    Planted(SCHEMA, "encryption", "expected an object", {"rules": ["x"]}),
    Planted(SCHEMA, "object", "expected an asset", {"source": "x", "content": REMOVED}),
    # The provider's schema has the ACLs of objects too; a bucket takes fewer.
    Planted(RULE, "bucket", "is not one of", {"acl": "bucket-owner-read"}),
    Planted(RULE, "lifecycle", "is less than 30", NONCURRENT),
    Planted(RULE, "lifecycle", "exclude each other", TWO_TIMES),
    Planted(RULE, "lifecycle", "is not midnight", {"rules[0].transitions": [{**AT, "date": NOON}]}),
    Planted(RULE, "bucketpolicy", "Policy has invalid resource", OTHER_BUCKET),
    Planted(RULE, "queue", "has to end in .fifo", {"name": "dead.fifo"}),
    Planted(RULE, "queue", "only with fifoQueue", {"contentBasedDeduplication": True}),
    Planted(RULE, "topic", "only with fifoTopic", {"contentBasedDeduplication": True}),
    # Limits of the services' own models.
    Planted(LIMIT, "config", "is not one of", {f"{VARIANT}.instanceType": "ml.huge"}),
    Planted(LIMIT, "config", "does not match", {f"{VARIANT}.variantName": "a b"}),
    Planted(LIMIT, "config", "out of range", {"dataCaptureConfig.initialSamplingPercentage": 101}),
    Planted(
        LIMIT, "config", "is not one of", {"dataCaptureConfig.captureOptions[0].captureMode": "X"}
    ),
    Planted(LIMIT, "config", "has 0 items", {"productionVariants": []}),
    Planted(LIMIT, "endpoint", "has 0 items", {ROLLBACK: []}),
    Planted(LIMIT, "endpoint", "has 11 items", {ROLLBACK: [{"alarmName": "errors"}] * 11}),
    Planted(LIMIT, "endpoint", "is not one of", {f"{ROUTING}.canarySize.type": "SHARE"}),
    Planted(LIMIT, "endpoint", "out of range", {f"{ROUTING}.waitIntervalInSeconds": 3601}),
    Planted(LIMIT, "endpoint", "does not match", {"name": "flights_1"}),
    Planted(LIMIT, "endpoint", "has 64 characters", {"name": "a" * 64}),
    Planted(LIMIT, "group", "does not match", {"modelPackageGroupName": "-a"}),
    Planted(LIMIT, "pipeline", "missing: CreatePipeline needs RoleArn", {"roleArn": REMOVED}),
    Planted(LIMIT, "pipeline", "does not match", {"pipelineName": "a_b"}),
    Planted(LIMIT, "schedule", "has 65 characters", {"name": "a" * 65}),
    Planted(LIMIT, "schedule", "is not one of", {"state": "ON"}),
    Planted(LIMIT, "schedule", "is not one of", {"flexibleTimeWindow.mode": "NONE"}),
    Planted(LIMIT, "role", "has 65 characters", {"name": "a" * 65}),
    Planted(LIMIT, "role", "does not match", {"name": "a b"}),
    Planted(LIMIT, "role", "out of range", {"maxSessionDuration": 60}),
    Planted(LIMIT, "alarm", "is not one of", {"comparisonOperator": "MoreThan"}),
    Planted(LIMIT, "alarm", "is not one of", {"statistic": "Mean"}),
    Planted(LIMIT, "alarm", "has 6 items", {"alarmActions": ["arn:aws:sns:eu-central-1:1:a"] * 6}),
    Planted(LIMIT, "encryption", "is not one of", {f"{ENCRYPTION}.sseAlgorithm": "rot13"}),
    Planted(LIMIT, "versioning", "is not one of", {"versioningConfiguration.status": "On"}),
    Planted(LIMIT, "ownership", "is not one of", {"rule.objectOwnership": "Mine"}),
    Planted(LIMIT, "lifecycle", "is not one of", {"rules[0].status": "On"}),
    Planted(LIMIT, "target", "has 65 characters", {"targetId": "a" * 65}),
    Planted(LIMIT, "scaled", "is not one of", {"serviceNamespace": "sagemakr"}),
    Planted(LIMIT, "model", "does not match", {"primaryContainer.image": "a b"}),
    Planted(LIMIT, "group", "does not match", {"tags": {"a{": "b"}}),
    # Rules of the catalog.
    Planted(RULE, "bucket", "is no bucket name", {"bucket": "Sim_Bucket"}),
    Planted(RULE, "bucket", "is no bucket name", {"bucket": "a" * 64}),
    Planted(RULE, "bucket", "are the services' own", {"tags": {"aws:x": "y"}}),
    Planted(RULE, "group", "allowed are 50", {"tags": {f"t{n}": "y" for n in range(51)}}),
    Planted(RULE, "bucket", "is no bucket name", {"bucket": "10.0.0.1"}),
    Planted(RULE, "bucket", "conflicts with bucket", {"bucketPrefix": "sim"}),
    Planted(RULE, "object", "conflicts with content", {"contentBase64": "eA=="}),
    Planted(RULE, "lifecycle", "out of range", {"rules[0].expiration.days": 0}),
    Planted(RULE, "key", "out of range", {"deletionWindowInDays": 31}),
    Planted(RULE, "key", "out of range", {"rotationPeriodInDays": 30}),
    Planted(
        RULE,
        "key",
        "missing: needed with",
        {"rotationPeriodInDays": 180, "enableKeyRotation": REMOVED},
    ),
    Planted(
        RULE,
        "key",
        "locks the account out",
        {"policy": policy(statement(Resource="*", Principal={"AWS": "*"}))},
    ),
    Planted(RULE, "alias", "starts with alias/", {"name": "sim"}),
    Planted(RULE, "alias", "starts with alias/", {"name": "alias/aws/s3"}),
    Planted(RULE, "role", "is not a JSON object", {"assumeRolePolicy": "allow"}),
    Planted(RULE, "role", "needs a Principal", {"assumeRolePolicy": policy(statement())}),
    Planted(
        RULE,
        "role",
        "names no Resource",
        {"assumeRolePolicy": policy(statement(Principal="*", Resource="*"))},
    ),
    Planted(RULE, "rolepolicy", "either Resource or", {"policy": policy(statement())}),
    Planted(
        RULE,
        "rolepolicy",
        "names no Principal",
        {"policy": policy(statement(Resource="*", Principal="*"))},
    ),
    Planted(
        RULE,
        "rolepolicy",
        "neither Allow nor Deny",
        {"policy": policy(statement(Resource="*", Effect="allow"))},
    ),
    Planted(
        RULE,
        "rolepolicy",
        "is not an action",
        {"policy": policy(statement(Resource="*", Action="GetObject"))},
    ),
    Planted(
        RULE,
        "rolepolicy",
        "unknown element",
        {"policy": policy(statement(Resource="*", Actions=["s3:*"]))},
    ),
    Planted(
        RULE,
        "rolepolicy",
        "Version",
        {"policy": policy(statement(Resource="*"), Version="2020-01-01")},
    ),
    Planted(RULE, "rolepolicy", "no Statement", {"policy": policy()}),
    Planted(
        RULE,
        "rolepolicy",
        "longer than 10240",
        {"policy": policy(statement(Resource=["x" * 100] * 120))},
    ),
    Planted(RULE, "oidc", "https address", {"url": "http://example.org"}),
    Planted(RULE, "budget", "exactly one of limitAmount", {"limitAmount": REMOVED}),
    Planted(RULE, "budget", "missing: needed with", {"limitUnit": REMOVED}),
    # Spend.Amount of AWS Budgets has the pattern ([0-9]*\.)?[0-9]+ in the service model.
    Planted(RULE, "budget", "no number", {"limitAmount": "1.5e+06"}),
    Planted(
        RULE,
        "pipeline",
        "exactly one of pipelineDefinition",
        {"pipelineDefinitionS3Location": {"bucket": "sim-bucket", "objectKey": "a"}},
    ),
    Planted(RULE, "pipeline", "exactly one of", {"pipelineDefinition": REMOVED}),
    Planted(RULE, "pipeline", "is not a JSON object", {"pipelineDefinition": "steps"}),
    Planted(RULE, "pipeline", "no Steps", _steps()),
    Planted(RULE, "pipeline", "is taken twice", _steps(step("a"), step("a"))),
    Planted(RULE, "pipeline", "unknown type", _steps(step("a", "Cook"))),
    Planted(RULE, "pipeline", "depends on 'b'", _steps(step("a", DependsOn=["b"]))),
    Planted(RULE, "pipeline", "step name", _steps(step("a b"))),
    Planted(
        RULE,
        "pipeline",
        "which is not declared",
        _steps(step("a", Arguments={"ErrorMessage": {"Get": "Parameters.x"}})),
    ),
    Planted(
        RULE,
        "pipeline",
        "which does not exist",
        _steps(step("a", Arguments={"ErrorMessage": {"Get": "Steps.x.y"}})),
    ),
    Planted(RULE, "pipeline", "Version", {"pipelineDefinition": definition(step(), Version="1")}),
    # Conditions do not nest; who waits for whom.
    Planted(RULE, "pipeline", "is nested in condition", _steps(_if("a", _if("b", step("c"))))),
    Planted(
        RULE,
        "pipeline",
        "which is inside condition 'a'",
        _steps(_if("a", step("b")), step("c", DependsOn=["b"])),
    ),
    Planted(
        RULE,
        "pipeline",
        "in a cycle",
        _steps(step("a", DependsOn=["b"]), step("b", DependsOn=["a"])),
    ),
    Planted(
        RULE,
        "pipeline",
        'undeclared output "x"',
        _steps(step("a", PropertyFiles=[{"PropertyFileName": "p", "OutputName": "x"}])),
    ),
    Planted(
        RULE,
        "pipeline",
        "step 'a': ",
        _steps(step("a", "Processing", Arguments={"ProcessingResources": {}})),
    ),
    Planted(RULE, "model", "exactly one of", {"containers": [{"image": "x"}]}),
    Planted(RULE, "model", "needs an image", {"primaryContainer.image": REMOVED}),
    Planted(
        RULE,
        "config",
        "conflicts with dataCaptureConfig",
        {
            f"{VARIANT}.instanceType": REMOVED,
            f"{VARIANT}.serverlessConfig": {"maxConcurrency": 1, "memorySizeInMb": 2048},
        },
    ),
    Planted(RULE, "config", "exactly one of instanceType", {f"{VARIANT}.instanceType": REMOVED}),
    Planted(
        RULE,
        "config",
        "are not unique",
        {"productionVariants": [{"variantName": "a", "instanceType": "ml.m5.large"}] * 2},
    ),
    Planted(RULE, "config", "conflicts with name", {"namePrefix": "x"}),
    Planted(RULE, "endpoint", "missing: needed with", {f"{ROUTING}.canarySize": REMOVED}),
    Planted(RULE, "endpoint", "missing: needed with", {f"{ROUTING}.type": "LINEAR"}),
    Planted(
        RULE,
        "endpoint",
        "conflicts with",
        {
            "deploymentConfig.rollingUpdatePolicy": {
                "maximumBatchSize": {"type": "CAPACITY_PERCENT", "value": 10},
                "waitIntervalInSeconds": 60,
            }
        },
    ),
    Planted(RULE, "scaled", "is more than", {"minCapacity": 3}),
    Planted(
        RULE,
        "scaling",
        "missing: needed with",
        {"targetTrackingScalingPolicyConfiguration": REMOVED},
    ),
    Planted(RULE, "schedule", "it has 5 fields", _cron("cron(0 3 * * 1)")),
    Planted(RULE, "schedule", "has to be ?", _cron("cron(0 3 * * MON *)")),
    Planted(RULE, "schedule", "hours '25'", _cron("cron(0 25 ? * MON *)")),
    Planted(RULE, "schedule", "expected cron", _cron("every day")),
    Planted(RULE, "schedule", "IANA time zone", {"scheduleExpressionTimezone": "Berlin"}),
    Planted(RULE, "schedule", "missing: needed with", {"flexibleTimeWindow.mode": "FLEXIBLE"}),
    Planted(RULE, "rule", "is not a JSON object", {"eventPattern": "x"}),
    Planted(RULE, "rule", "singular", _cron("rate(1 days)")),
    Planted(RULE, "rule", "must be an object or a list", {"eventPattern": '{"source": "a"}'}),
    Planted(RULE, "rule", "either eventPattern", {"eventPattern": REMOVED}),
    Planted(
        RULE,
        "rule",
        "in a Schedule only",
        {"scheduleExpression": "at(2026-01-01T00:00:00)"},
    ),
    Planted(RULE, "target", "roleArn is needed", {"roleArn": REMOVED}),
    Planted(RULE, "target", "conflicts with", {"input": "{}", "inputPath": "$.a"}),
    Planted(RULE, "function", "exactly one of", {"imageUri": "1.dkr.ecr/x"}),
    Planted(
        RULE,
        "function",
        "missing: needed with code",
        {
            "s3Bucket": REMOVED,
            "s3Key": REMOVED,
            "handler": REMOVED,
            "code": {SIGNATURE: ARCHIVE, "hash": "1", "path": "a.zip"},
        },
    ),
    Planted(RULE, "permission", "is not one of", {"action": "lambda:Invoke"}),
    Planted(RULE, "topic", "is not one of", {"tracingConfig": "On"}),
    Planted(RULE, "subscription", "is not one of", {"protocol": "pigeon"}),
    Planted(RULE, "subscription", "does not fit protocol", {"protocol": "email"}),
    Planted(RULE, "queue", "out of range", {"messageRetentionSeconds": 1}),
    Planted(RULE, "queue", "maxReceiveCount", {"redrivePolicy": "{}"}),
    Planted(RULE, "queuepolicy", "needs a Principal", {"policy": policy(statement(Resource="*"))}),
    Planted(RULE, "alarm", "needs comparisonOperator", {"comparisonOperator": REMOVED}),
    Planted(RULE, "alarm", "exactly one of metricName", {"metricName": REMOVED}),
    Planted(RULE, "alarm", "exactly one of statistic", {"statistic": REMOVED}),
    Planted(RULE, "alarm", "exactly one of threshold", {"threshold": REMOVED}),
    Planted(RULE, "alarm", "multiple of 60", {"period": 45}),
    Planted(RULE, "alarm", "is more than evaluationPeriods", {"datapointsToAlarm": 4}),
    Planted(RULE, "alarm", "is not one of", {"treatMissingData": "good"}),
    Planted(RULE, "composite", "is no alarm rule", {"alarmRule": "errors"}),
    Planted(RULE, "alarm", "are more than 86400 s", {"period": 300, "evaluationPeriods": 300}),
    Planted(
        RULE,
        "alarm",
        "uses the unknown id 'b'",
        _queries({"id": "a", "expression": "b * 2", "returnData": True}),
    ),
    Planted(
        RULE,
        "alarm",
        "is not a lower-case letter",
        _queries({"id": "A", "expression": "1", "returnData": True}),
    ),
    Planted(
        RULE,
        "alarm",
        "is missing",
        _queries({"id": "a", "expression": "FILL(1, 0", "returnData": True}),
    ),
    Planted(RULE, "endpoint", "is more than 50", {f"{ROUTING}.canarySize.value": 60}),
    Planted(
        RULE,
        "endpoint",
        "is not within 10 to 50",
        {f"{ROUTING}.linearStepSize": {"type": "CAPACITY_PERCENT", "value": 5}},
    ),
    Planted(RULE, "lifecycle", "has no action", {"rules[0].expiration": REMOVED}),
    Planted(RULE, "schedule", "must be specified", _cron_of_pipeline()),
    Planted(RULE, "schedule", "has an empty value", _cron_of_pipeline("")),
    Planted(
        RULE,
        "budget",
        "has 10 at most",
        {"notifications[0].subscriberEmailAddresses": [f"a{n}@example.org" for n in range(11)]},
    ),
    Planted(
        RULE,
        "rolepolicy",
        "more than letters and digits",
        {"policy": policy(statement(Resource="*", Sid="a-b"))},
    ),
    Planted(
        RULE,
        "rolepolicy",
        "is not the only one",
        {"policy": policy(*[statement(Resource="*", Sid="a")] * 2)},
    ),
    Planted(RULE, "dashboard", "no JSON object with widgets", {"dashboardBody": "{}"}),
    Planted(RULE, "dashboard", "type is not one of", _board({"type": "pie"})),
    Planted(
        RULE,
        "dashboard",
        "properties.region is missing",
        _board({"type": "metric", "properties": {}}),
    ),
    Planted(RULE, "loggroup", "is not one of", {"retentionInDays": 31}),
    Planted(
        RULE,
        "logfilter",
        "conflicts with",
        {"metricTransformation.defaultValue": "0", "metricTransformation.dimensions": {"a": "b"}},
    ),
    # References to what was never made.
    Planted(REFERENCE, "pipeline", MISSING, {"roleArn": NOBODY}),
    Planted(REFERENCE, "pipeline", MISSING, {"roleArn": STRANGER}),
    Planted(
        REFERENCE,
        "pipeline",
        MISSING,
        _steps(step("a", "RegisterModel", Arguments={"ModelPackageGroupName": "nothing"})),
    ),
    Planted(REFERENCE, "pipeline", MISSING, _steps(step("a", Arguments={"Uri": "s3://nothing/a"}))),
    Planted(REFERENCE, "pipeline", MISSING, _steps(step("a", Arguments={"RoleArn": NOBODY}))),
    Planted(REFERENCE, "pipeline", MISSING, _steps(step("a", Arguments={"KmsKeyId": NO_KEY}))),
    Planted(REFERENCE, "versioning", MISSING, {"bucket": "nothing"}),
    Planted(REFERENCE, "object", MISSING, {"bucket": "nothing"}),
    Planted(REFERENCE, "encryption", MISSING, {f"{ENCRYPTION}.kmsMasterKeyId": NO_KEY}),
    Planted(REFERENCE, "alias", MISSING, {"targetKeyId": NO_KEY}),
    Planted(REFERENCE, "rolepolicy", MISSING, {"role": "nobody"}),
    Planted(REFERENCE, "attachment", MISSING, {"policyArn": "arn:aws:iam::123456789012:policy/x"}),
    Planted(
        REFERENCE,
        "role",
        MISSING,
        {"assumeRolePolicy": policy(statement(Action="sts:AssumeRole", Principal={"AWS": NOBODY}))},
    ),
    Planted(REFERENCE, "grouppolicy", MISSING, {"modelPackageGroupName": "nothing"}),
    Planted(REFERENCE, "model", MISSING, {"vpcConfig.subnets[0]": "subnet-1"}),
    Planted(REFERENCE, "model", MISSING, {"primaryContainer.modelDataUrl": "s3://nothing/a"}),
    Planted(REFERENCE, "config", MISSING, {f"{VARIANT}.modelName": "nothing"}),
    Planted(REFERENCE, "config", MISSING, {"dataCaptureConfig.destinationS3Uri": "s3://nothing/a"}),
    Planted(REFERENCE, "config", MISSING, {"kmsKeyArn": NO_KEY}),
    Planted(REFERENCE, "endpoint", MISSING, {"endpointConfigName": "nothing"}),
    Planted(REFERENCE, "endpoint", MISSING, {f"{ROLLBACK}[0].alarmName": "nothing"}),
    Planted(REFERENCE, "scaled", MISSING, {"resourceId": "endpoint/nothing/variant/all"}),
    Planted(REFERENCE, "schedule", MISSING, {"groupName": "nothing"}),
    Planted(
        REFERENCE,
        "schedule",
        MISSING,
        {"target.arn": "arn:aws:sagemaker:eu-central-1:123456789012:pipeline/nothing"},
    ),
    Planted(
        REFERENCE,
        "schedule",
        MISSING,
        {"target.deadLetterConfig.arn": "arn:aws:sqs:eu-central-1:123456789012:nothing"},
    ),
    Planted(REFERENCE, "target", MISSING, {"rule": "nothing"}),
    Planted(REFERENCE, "topic", MISSING, {"kmsMasterKeyId": "alias/nothing"}),
    Planted(REFERENCE, "topicpolicy", MISSING, {"arn": NO_TOPIC}),
    Planted(REFERENCE, "subscription", MISSING, {"topic": NO_TOPIC}),
    Planted(REFERENCE, "alarm", MISSING, {"alarmActions[0]": NO_TOPIC}),
    Planted(REFERENCE, "loggroup", MISSING, {"kmsKeyId": NO_KEY}),
    Planted(REFERENCE, "logfilter", MISSING, {"logGroupName": "nothing"}),
    # Names that are taken, roles and keys that lack a permission.
    *(
        Planted(GUARD, name, "already exists")
        for name in ("bucket", "role", "policy", "oidc", "group", "pipeline", "model", "config")
    ),
    *(
        Planted(GUARD, name, "already exists")
        for name in ("endpoint", "schedule", "rule", "topic", "queue", "alarm", "loggroup", "alias")
    ),
    Planted(GUARD, "pipeline", "does not trust", {"roleArn": "${lambdarole.arn}"}),
    Planted(GUARD, "schedule", "does not trust", {"target.roleArn": "${lambdarole.arn}"}),
    Planted(GUARD, "target", "does not trust", {"roleArn": "${lambdarole.arn}"}),
    Planted(GUARD, "loggroup", "does not allow", {"kmsKeyId": "${closedkey.arn}"}),
    # What is still used.
    *(
        Planted(DELETE, name, "is used by")
        for name in ("key", "bucket", "role", "group", "model", "config", "endpoint", "topic")
    ),
    *(
        Planted(DELETE, name, "is used by")
        for name in ("pipeline", "alarm", "queue", "rule", "loggroup", "subnet", "schedulegroup")
    ),
]

EXTRAS = {
    "lambdarole": ("role", {"name": "lambda-only", "assumeRolePolicy": trust("lambda")}),
    "closedkey": ("key", {"deletionWindowInDays": 7}),
}
