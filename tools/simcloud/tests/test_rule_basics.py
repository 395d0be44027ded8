"""Rules that any entry may use, texts of CloudWatch, and who has to let services in: one by one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pulumi_simcloud.kinds import Kind
from pulumi_simcloud.property_values import UNKNOWN
from pulumi_simcloud.rules import basic, trust
from pulumi_simcloud.rules.cloudwatch import AlarmRule, statistic_error
from pulumi_simcloud.state import Row
from pulumi_simcloud.world import World
from rule_failures import told

# Any entry's rules --------------------------------------------------------------------------------


def test_properties_that_exclude_each_other() -> None:
    one, most = basic.exactly_one("a", "b.c"), basic.at_most_one("a", "b.c", "d")
    assert told(one, a=1) == told(one, b={"c": 0}) == []
    assert told(one) == [("a", "exactly one of a, b.c is needed, got none")]
    assert told(one, a=1, b={"c": 1}) == [("a", "exactly one of a, b.c is needed, got a and b.c")]
    assert told(most) == told(most, a=1) == told(most, d=1, a=None) == []
    assert told(most, a=1, d=2) == [("d", "conflicts with a")]
    assert told(most, b={"c": UNKNOWN}, d=2) == [("d", "conflicts with b.c")]
    assert one.paths == ("a", "b.c") and most.paths == ("a", "b.c", "d")
    each = basic.each_exactly_one("items", "x", "y")
    assert told(each, items={"x": 1}) == told(each) == told(each, items=UNKNOWN) == []
    each = basic.each_exactly_one("items[*]", "x", "y")
    assert told(each, items=[{"x": 1}, {"y": 0}, UNKNOWN]) == []
    reason = "exactly one of x, y is needed, got "
    assert told(each, items=[{"x": 1, "y": 1}, {"x": None}, "x"]) == [
        ("items[0]", f"{reason}x and y"), ("items[1]", f"{reason}none"),
        ("items[2]", f"{reason}none"),
    ]  # fmt: skip


def test_properties_that_need_others() -> None:
    plain, valued = basic.needs("a", "b", "c"), basic.needs("a", "b", value="x")
    assert told(plain, a=1, b=1, c=1) == told(plain, b=1) == told(plain) == []
    assert told(plain, a=1) == [(n, "missing: needed with a 1") for n in ("b", "c")]
    assert told(valued, a="y") == told(valued, a="x", b=0) == told(valued) == []
    assert told(valued, a="x") == [("b", 'missing: needed with a "x"')]


@pytest.mark.parametrize(
    ("rule", "good", "bad", "reason"),
    [
        (basic.pattern("a", "[a-z]+", "small letters"), ("a", "abc"), ("", "A", "ab1", 7),
         "{} is not allowed: small letters"),
        (basic.between("a", 1, 3), (1, 2.5, 3, "1", "3"), (0, 4, 0.9, 3.1, "4", "-1", "2.5", "x"),
         "{} is out of range, allowed are 1 to 3"),
        (basic.one_of("a", "x", 1), ("x", 1), ("y", 2, "1"), "{} is not one of x, 1"),
        (basic.time_zone("a"), ("UTC", "Europe/Berlin"), ("Berlin", "utc+1"),
         "{} is not an IANA time zone"),
        (basic.json_text("a"), ("{}", '{"a": 1}'), ("[]", "x", "7"), "{} is not a JSON object"),
    ],
)  # fmt: skip
def test_a_value_at_a_path(rule: Any, good: tuple[Any], bad: tuple[Any], reason: str) -> None:
    for value in (*good, UNKNOWN):
        assert told(rule, a=value) == [], value
    for value in bad:
        assert told(rule, a=value) == [("a", reason.format(json.dumps(value)))]
    assert told(rule) == [] and rule.paths == ("a",)


def test_how_many_and_how_long() -> None:
    count, text = basic.count("a", 1, 2), basic.json_text("a", 9)
    for value in ([1], [1, 2], {"x": 1}):
        assert told(count, a=value) == []
    for value in ([], [1, 2, 3]):
        assert told(count, a=value) == [("a", f"has {len(value)} entries, allowed are 1 to 2")]
    assert told(text, a='{"a": 12}') == []
    assert told(text, a='{"a": 123}') == [("a", "has 10 characters, allowed are 9")]
    many = basic.check("a[*].b", lambda value: None if value else "is nothing")
    assert told(many, a=[{"b": 1}, {"b": 0}, {}]) == [("a[1].b", "is nothing")]


# CloudWatch User Guide, "CloudWatch statistics definitions"; API_PutCompositeAlarm ----------------


def test_statistics() -> None:
    for text in ("p99", "p99.9", "p100", "p0.1234567890", "tm90", "wm98", "tc10", "ts90", "IQM",
                 "TM(10%:90%)", "TM(:95%)", "WM(80%:)", "TC(0.005:0.030)", "TS(80%:)", "PR(0:100)",
                 "PR(:300)", "PR(5.5:)", "p100.00"):  # fmt: skip
        assert statistic_error(text) is None, text
    for text in ("p101", "p", "P99", "p99.12345678901", "median", "TM10", "TM(10:90%)", "PR", "IQR",
                 "pr(0:1)", "TM(101%:)", "TM(1%-2%)", "Sum", 99, "p99 "):  # fmt: skip
        assert statistic_error(text) == (
            f"{json.dumps(text)} is no statistic such as p99, tm90, IQM, TM(10%:90%) or PR(0:100)"
        )
    for text in ("SampleCount", "Average", "Sum", "Minimum", "Maximum"):
        assert statistic_error(text, plain=True) is None and statistic_error(text) is not None
    assert statistic_error("median", plain=True) and not statistic_error("p99", plain=True)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("ALARM(a)", ["a"]), ('OK("my alarm")', ["my alarm"]),
        ("INSUFFICIENT_DATA(a-b.c)", ["a-b.c"]),
        ("ALARM(a) AND OK(b) OR NOT ALARM(c)", ["a", "b", "c"]),
        ("NOT (ALARM(a) OR OK(b))", ["a", "b"]),
        ("( ALARM  ( a ) )", ["a"]), ("TRUE", []), ("FALSE", []),
        ("AT_LEAST(2, ALARM, (a, b, c))", ["a", "b", "c"]),
        ("AT_LEAST(50%, NOT OK, (a, b))", ["a", "b"]),
        ("ALARM(arn:aws:cloudwatch:eu:1:alarm:a)", ["arn:aws:cloudwatch:eu:1:alarm:a"]),
        ("ALARM(ALARMS) OR ALARM(ORDERS)", ["ALARMS", "ORDERS"]),
    ],
)  # fmt: skip
def test_a_rule_of_a_composite_alarm(text: str, names: list[str]) -> None:
    rule = AlarmRule(text)
    assert (rule.error, rule.names) == (None, names)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "more is missing"), ("ALARM", "( is missing"), ("ALARM(", "more is missing"),
        ("ALARM(a", ") is missing"), ("ALARM()", "')' is no name of an alarm"),
        ("ALARM(a))", "')' is one too many"), ("ALARM(a) ALARM(b)", "'ALARM' is one too many"),
        ("ALARM(a) AND", "more is missing"), ("(ALARM(a)", ") is missing"),
        ("NOT", "more is missing"),
        ("a", "'=a' is neither a state nor an operator"), ("AND", "'AND' is neither a state"),
        ('ALARM("")', "it has characters that belong to nothing"),
        ("AT_LEAST(a, ALARM, (b))", "AT_LEAST begins with a number"),
        ("AT_LEAST 1", "( is missing"),
        ("AT_LEAST(1 ALARM, (b))", ", is missing"), ("AT_LEAST(1, ALARM (b))", ", is missing"),
        ("AT_LEAST(1, ALARM, b)", "( is missing"), ("AT_LEAST(1, ALARM, (b)", ") is missing"),
        ("AT_LEAST(1, ALARM, (b, ))", "')' is no name"),
        ("AT_LEAST(1, ALARM, (b c))", ") is missing"),
        ("AT_LEAST(1%%, ALARM, (b))", "AT_LEAST begins with a number"),
        ("AT_LEAST(1, NOT, (b))", "',' is no state such as"),
        ("AT_LEAST(2, foo, (a, b))", "'=foo' is no state"), ("AT_LEAST(1, TRUE, (a))", "'TRUE' is"),
    ],
)  # fmt: skip
def test_a_rule_that_is_none(text: str, reason: str) -> None:
    error = AlarmRule(text).error
    assert error is not None and f"{json.dumps(text)} is no alarm rule: {reason}" in error


# Roles, keys and policies -------------------------------------------------------------------------

ROLE, KEY, QUEUE, TOPIC = (
    "aws:iam/role:Role", "aws:kms/key:Key", "aws:sqs/queue:Queue", "aws:sns/topic:Topic"
)  # fmt: skip
QUEUE_POLICY, TOPIC_POLICY = "aws:sqs/queuePolicy:QueuePolicy", "aws:sns/topicPolicy:TopicPolicy"
KEY_MEMBER = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
PROJECT_MEMBER = "gcp:projects/iAMMember:IAMMember"
TOKENS = (ROLE, KEY, QUEUE, TOPIC, QUEUE_POLICY, TOPIC_POLICY, KEY_MEMBER, PROJECT_MEMBER)
SERVICE = "s3.amazonaws.com"


def world(*rows: tuple[str, str, dict[str, Any]], **variables: Any) -> World:
    catalog = {token: Kind(token) for token in TOKENS}
    made = [
        Row(token, name, name, name, inputs, {"arn": f"arn:{name}"}) for token, name, inputs in rows
    ]
    return World(made, catalog, variables)


def policy(principal: Any, effect: str = "Allow", *, one: bool = False) -> str:
    statement = {"Effect": effect, "Principal": principal}
    return json.dumps({"Statement": statement if one else [{"Effect": "Deny"}, statement]})


def demands(demand: Any, of: World, **inputs: Any) -> list[str]:
    return list(demand(inputs, of))


@pytest.mark.parametrize(
    ("document", "is_trusted"),
    [
        (policy({"Service": SERVICE}), True), (policy({"Service": ["x", SERVICE]}), True),
        (policy({"Service": SERVICE}, one=True), True), (policy({"Service": "x"}), False),
        (policy({"AWS": SERVICE}), False), (json.loads(policy({"Service": SERVICE})), True),
        ("x", False),
    ],
)  # fmt: skip
def test_a_role_trusts_a_service(document: Any, is_trusted: bool) -> None:
    of = world((ROLE, "r", {"assumeRolePolicy": document}))
    reasons = demands(trust.trusts("role", SERVICE), of, role="arn:r")
    assert reasons == ([] if is_trusted else [f"the role 'arn:r' does not trust {SERVICE}"])
    assert demands(trust.trusts("role", SERVICE), of, role="arn:other") == []
    assert demands(trust.trusts("role", SERVICE), of, role="r") == [], "by its ARN"


def test_a_key_allows_a_service() -> None:
    demand = trust.key_allows("key", "logs.{region}.amazonaws.com")
    of = world((KEY, "k", {"policy": policy({"Service": "logs.eu.amazonaws.com"})}),
               (KEY, "l", {}), region="eu")  # fmt: skip
    assert demands(demand, of, key="k") == demands(demand, of, key="arn:k") == []
    assert demands(demand, of, key="l") == [
        "the policy of the key 'l' does not allow logs.eu.amazonaws.com"
    ]
    assert demands(demand, of, key="other") == []


DESTINATION = "InvalidArgument: Unable to validate the following destination configurations: "


@pytest.mark.parametrize(
    ("document", "lets"),
    [
        (policy({"Service": SERVICE}), True), (policy("*"), True),
        (policy({"AWS": ["x", "*"]}), True),
        (policy({"Service": SERVICE}, one=True), True),
        (policy({"Service": SERVICE}, "Deny"), False),
        (policy({"Service": "x"}), False), (None, False), ("x", False),
        (json.loads(policy({"Service": [SERVICE]})), True),
    ],
)  # fmt: skip
def test_a_queue_takes_messages_of_a_service(document: Any, lets: bool) -> None:
    demand = trust.may_send("queue", {QUEUE: "kms", TOPIC: "kms"}, SERVICE)
    refused = [] if lets else [f"{DESTINATION}the policy of 'arn:q' does not allow {SERVICE}"]
    own = {"policy": document}
    assert demands(demand, world((QUEUE, "q", own)), queue="arn:q") == refused
    for by in ("q", "arn:q"):
        beside = world((QUEUE, "q", {}), (QUEUE_POLICY, "p", {**own, "queueUrl": by}))
        assert demands(demand, beside, queue="arn:q") == refused
    topic = world((TOPIC, "q", {}), (TOPIC_POLICY, "p", {**own, "arn": "arn:q"}))
    assert demands(demand, topic, queue="arn:q") == refused
    elsewhere = {**own, "queueUrl": "other"}
    far = world((QUEUE, "q", {}), (QUEUE_POLICY, "p", elsewhere))
    assert len(demands(demand, far, queue="arn:q")) == 1
    assert demands(demand, far, queue="arn:none") == []
    # And so does its key.
    for key, words in ((None, None), ("k", f"the key of 'arn:q' does not allow {SERVICE}")):
        keyed = world((QUEUE, "q", {"policy": policy("*"), "kms": key}),
                      (KEY, "k", {"policy": document}))  # fmt: skip
        told = [] if lets or words is None else [f"{DESTINATION}{words}"]
        assert demands(demand, keyed, queue="arn:q") == told
    managed = world((QUEUE, "q", {"policy": policy("*"), "kms": "alias/aws/sqs"}))
    assert demands(demand, managed, queue="arn:q") == [
        f"{DESTINATION}'arn:q' has the key 'alias/aws/sqs' of another service"
    ]
    by_arn = world((QUEUE, "q", {"policy": policy("*"), "kms": "arn:aws:kms:eu:1:alias/aws/sqs"}))
    assert len(demands(demand, by_arn, queue="arn:q")) == 1
    mine = world((QUEUE, "q", {"policy": policy("*"), "kms": "alias/mine"}))
    assert demands(demand, mine, queue="arn:q") == []


@pytest.mark.parametrize(
    ("token", "changes", "may"),
    [
        (KEY_MEMBER, {}, True), (KEY_MEMBER, {"cryptoKeyId": "other"}, False),
        (PROJECT_MEMBER, {"cryptoKeyId": None}, True),
        (KEY_MEMBER, {"role": "roles/viewer"}, False),
        (KEY_MEMBER, {"member": "serviceAccount:agent-7@x"}, False), (QUEUE, {}, False),
    ],
)  # fmt: skip
def test_a_service_agent_of_google_may_use_a_key(token: str, changes: Any, may: bool) -> None:
    demand = trust.agent_may_use("key", "agent-{number}@x")
    role = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
    inputs = {"cryptoKeyId": "k", "role": role, "member": "serviceAccount:agent-42@x", **changes}
    reasons = demands(demand, world((token, "m", inputs), number=42), key="k")
    assert reasons == ([] if may else [f"serviceAccount:agent-42@x needs {role} on the key 'k'"])
    assert demands(demand, world(number=42)) == []
