"""Previews in words: the whole of a comment, of a text, and of each value in them.

What a reader has to see comes first here; GitHub's limit is its own (65,536 characters), the forms
are those of GitHub Flavored Markdown (tables, alerts, `details`).
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tools.preview import events, formatting, markdown, text
from tools.preview.differences import (
    IGNORED,
    LATER,
    MASK,
    SECRET,
    SIGNATURE,
    UNKNOWN,
    by_name,
    differences,
    flat,
    is_later,
    plain,
)  # fmt: skip
from tools.preview.losses import losses
from tools.preview.model import Change, Cost, Finding, Setting, StackPreview, StepChange

CHANGES = (
    Change("replace", "vertex.AiEndpoint", "flights", (Setting("region", "eu", "us"),),
           reasons=("region", "name")),
    Change("delete", "s3.Bucket", "store", retained=True),
    Change("create", "sns.Topic", "alarms"),
    Change("update", "sagemaker.Pipeline", "training", (Setting("tags.a", None, "b"),),
           (StepChange("create", "audit"), StepChange("delete", "old"),
            StepChange("update", "train", (Setting("volume", 30, 40),)))),
    Change("update", "iam.Role", "steps"),
)  # fmt: skip
PREVIEW = StackPreview(
    "aws-dev",
    "main (1a2b3c)",
    CHANGES,
    (Setting("gate.margin", 0.01, 0.02),),
    ("0123456789abcdef", "fedcba9876543210"),
    (Finding("regions", True, "store", "ap-south-1 is not allowed"),
     Finding("tags", False, "steps", "no tag team")),
    Cost((88.75, 341.33), (0.1, 0.1), (1.0, None), "2026-01", ("iam.Role",)),
    ("Data lost: store & all",),
)  # fmt: skip

COMMENT = """\
<!-- mlops preview -->

## What this change would do

### `aws-dev`: 1 replaced, 1 deleted, 1 created, 2 changed, +$252.58 (+285 %) a month

Against main (1a2b3c).

> [!WARNING]
> - Data lost: store &amp; all

**Settings**

- `gate.margin`: `0.01 → 0.02`

**Model code**: `0123456789ab` → `fedcba987654`

| | resource | what changes |
|---|---|---|
| **replaced** | `flights` vertex.AiEndpoint | `region`: `eu → us`<br>replaced because of `region`, `name` |
| **deleted** (kept in the cloud) | `store` s3.Bucket |  |
| created | `alarms` sns.Topic |  |
| changed | `training` sagemaker.Pipeline | `tags.a`: `b (new)`<br>steps: below |
| changed | `steps` iam.Role | the model code |

**Pipeline** `training`

```diff
+ step audit
- step old
! step train: volume: 30 → 40
```

**Policy**

- **refused** `regions`: store: ap-south-1 is not allowed
- advice `tags`: steps: no tag team

**Cost**

- idle: $88.75 → $341.33 a month
- in use: $0.10 per 1,000 predictions, $1.00 → (known after up) per retraining
- not priced: iam.Role
- list prices of 2026-01
"""  # noqa: E501

TEXT = """\
aws-dev, against main (1a2b3c): 1 replaced, 1 deleted, 1 created, 2 changed
  WARNING: Data lost: store & all
  setting gate.margin: 0.01 → 0.02
  model code 0123456789ab → fedcba987654
  replaced flights (vertex.AiEndpoint), because of region, name
      region: eu → us
  deleted store (s3.Bucket)
  created alarms (sns.Topic)
  changed training (sagemaker.Pipeline)
      tags.a: b (new)
    + step audit
    - step old
    ! step train: volume: 30 → 40
  changed steps (iam.Role)
  policy regions (refused): store: ap-south-1 is not allowed
  policy tags (advice): steps: no tag team
  cost, idle: $88.75 → $341.33 a month
  cost, in use: $0.10 per 1,000 predictions, $1.00 → (known after up) per retraining
  cost, not priced: iam.Role
  cost, list prices of 2026-01
"""


def test_a_comment_says_all_that_would_happen_and_in_which_order() -> None:
    assert markdown.render([PREVIEW]) == COMMENT


def test_a_text_says_the_same() -> None:
    assert text.render([PREVIEW]) == TEXT
    assert text.render([PREVIEW, PREVIEW]) == f"{TEXT}\n{TEXT}"


def test_a_resource_under_a_new_name_is_one_line() -> None:
    changes = (
        Change("delete", "iam.Role", "churn-steps"),
        Change("create", "iam.Role", "sales-steps"),
    )
    renamed = StackPreview("dev", "main", changes, (Setting("model", "churn", "sales"),))
    assert text.render([renamed]) == (
        "dev, against main: 1 deleted, 1 created\n  setting model: churn → sales\n"
        "  deleted churn-steps (iam.Role), made anew as sales-steps\n"
    )
    row = "| **deleted** | `churn-steps` iam.Role | made anew as `sales-steps` |"
    assert row in markdown.render([renamed])


def test_a_stack_without_a_preview_says_why() -> None:
    broken = StackPreview("dev", "main", errors=("first\nsecond ``` third",))
    page = markdown.render([broken])
    assert "### `dev`: no preview\n" in page
    assert "The engine says:\n\n```\nfirst\nsecond ''' third\n```" in page
    assert text.render([broken]) == (
        "dev, against main: no preview\n  error: first\n  error: second ``` third\n"
    )
    # Of a long error the end is shown: what is wrong stands there.
    long = markdown.render([StackPreview("dev", "main", errors=("a" * 1500 + "b" * 1500,))])
    assert "b" * 1500 in long and "ab" not in long
    assert "| `dev` | **no preview** | same | none | kept |" in markdown.render([broken, broken])


def test_nothing_to_do_is_said() -> None:
    calm = StackPreview("dev", "main")
    assert markdown.render([calm]) == (
        "<!-- mlops preview -->\n\n## What this change would do\n\n"
        "### `dev`: no changes\n\nAgainst main.\n"
    )
    assert text.render([calm]) == "dev, against main: no changes\n"
    assert "| `dev` | none | same | none | kept |" in markdown.render([calm, calm])


def test_the_summary_counts_what_is_refused_apart_from_advice() -> None:
    refused = Finding("a", True, "x", "y")
    advice = Finding("b", False, "x", "y")
    stacks = [
        StackPreview("one", "main", findings=(refused, advice, advice)),
        StackPreview("two", "main", findings=(advice,)),
        StackPreview("three", "main", findings=(refused,), losses=("x", "y")),
    ]
    page = markdown.render(stacks)
    assert "| stack | changes | cost a month | losses | policy |\n|---|---|---|---|---|" in page
    assert "| `one` | none | same | none | **1 refused**, 2 advice |" in page
    assert "| `two` | none | same | none | 1 advice |" in page
    assert "| `three` | none | same | **2** | **1 refused** |" in page


def test_the_summary_has_each_number_and_the_cost() -> None:
    row = (
        "| `aws-dev` | 1 replaced, 1 deleted, 1 created, 2 changed | +$252.58 (+285 %) | **1** "
        "| **1 refused**, 1 advice |\n"
    )
    assert markdown.render([PREVIEW, PREVIEW]).count(row) == 2


def test_of_too_many_stacks_as_many_are_told_as_fit() -> None:
    stacks = [StackPreview(f"stack-{number:04}", "main") for number in range(2000)]
    page = markdown.render(stacks)
    count = page.count("### ")
    assert page.endswith(f"\n\n{2000 - count} more stacks don't fit into a comment.\n")
    assert "| stack |" not in page
    one_more = len("### `stack-0000`: no changes\n\nAgainst main.\n\n")
    assert len(page.encode()) <= 65_000 < len(page.encode()) + one_more
    # Not one stack of such a name.
    assert markdown.render([StackPreview("dev", "x" * 70_000)] * 2).startswith(markdown.MARKER)
    huge = markdown.render([StackPreview("dev", "main", errors=("e",) * 2)] * 2000)
    assert "no preview" in huge and "The engine says" not in huge


def test_an_update_without_a_difference_of_its_own_follows_something() -> None:
    unchanged_stack = StackPreview("dev", "main", (Change("update", "iam.Role", "steps"),))
    assert "| changed | `steps` iam.Role | follows what it depends on |" in markdown.render(
        [unchanged_stack]
    )
    reason = Change("replace", "iam.Role", "steps", reasons=("name",))
    page = markdown.render([StackPreview("dev", "main", (reason,))])
    assert "| **replaced** | `steps` iam.Role | replaced because of `name` |" in page


def test_of_many_reasons_five_are_told() -> None:
    change = Change("replace", "t", "n", reasons=tuple("abcdef"))
    page = markdown.render([StackPreview("dev", "main", (change,))])
    assert "replaced because of `a`, `b`, `c`, `d`, `e` |" in page


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a/b-c_1.2 (x)", "`a/b-c_1.2 (x)`"),
        # A bar ends a cell, an @ calls somebody, and HTML is none.
        ("a|b", "<code>a&#124;b</code>"),
        ("@team", "<code>&#64;team</code>"),
        ("<b>&", "<code>&lt;b&gt;&amp;</code>"),
        ("a`b", "<code>a`b</code>"),
    ],
)
def test_code_survives_in_a_cell(content: str, expected: str) -> None:
    assert markdown.code(content) == expected


def test_texts_from_elsewhere_are_no_markup() -> None:
    finding = Finding("tags", False, "<i>", "<b>" + "x" * 400)
    preview = StackPreview("dev", "<main>", losses=("<u>" + "y" * 600,), findings=(finding,))
    page = markdown.render([preview])
    assert "Against &lt;main&gt;." in page and "&lt;i&gt;: &lt;b&gt;" in page
    assert "&lt;u&gt;" in page
    assert not any(tag in page for tag in ("<i>", "<b>", "<u>", "<main>"))
    assert "x" * 297 in page and "x" * 298 not in page
    assert "y" * 491 in page and "y" * 492 not in page


@pytest.mark.parametrize(("rows", "folded"), [(36, False), (39, False), (40, True), (60, True)])
def test_a_section_of_more_than_forty_lines_is_folded(rows: int, folded: bool) -> None:
    changes = tuple(Change("create", "t", f"r{number}") for number in range(rows))
    page = markdown.render([StackPreview("dev", "main", changes)])
    assert ("<details><summary>Details</summary>\n\n" in page) is folded
    assert page.endswith("\n\n</details>\n") is folded


def test_what_does_not_fit_is_counted() -> None:
    steps = tuple(StepChange("create", f"step-{number}") for number in range(101))
    change = Change("update", "t", "n", tuple(Setting(f"p{n}", 1, 2) for n in range(31)), steps)
    preview = StackPreview(
        "dev", "main", (change,), tuple(Setting(f"s{n}", 1, 2) for n in range(101)),
        losses=tuple(f"loss {n}" for n in range(101)),
        findings=tuple(Finding("tags", False, f"r{n}", "m") for n in range(102)),
    )  # fmt: skip
    page = markdown.render([preview])
    assert "`p29`" in page and "`p30`" not in page and "<br>1 more<br>steps: below" in page
    assert "# 1 more lines" in page and "+ step step-99\n# 1" in page
    assert "\n- 1 more\n" in page and "\n- 2 more" in page
    assert "> - loss 99\n> - 1 more losses." in page
    assert "more changes" not in page
    rows = StackPreview("dev", "main", (Change("create", "t", "n"),) * 501)
    assert "| | | 1 more changes |" in markdown.render([rows])
    page = StackPreview("dev", "main", (Change("create", "t", "n"),) * 500)
    assert "more changes" not in markdown.render([page])


def test_a_comment_keeps_all_that_fits() -> None:
    """Less is shown only where more would be too long: 65,000 bytes of GitHub's 65,536."""
    setting = Setting("p" * 60, "x" * 70, "y" * 70)
    for rows in (150, 400, 3000):
        change = Change("update", "t", "n" * 60, (setting,) * 8)
        page = markdown.render([StackPreview("dev", "main", (change,) * rows)])
        assert len(page.encode()) <= 65_000
        assert f"{rows} changed" in page
    exact = 65_000 - len(markdown._comment([""], 0).encode())
    assert markdown._fits(markdown._comment(["x" * exact], 0))
    assert not markdown._fits(markdown._comment(["x" * (exact + 1)], 0))
    assert not markdown._fits(markdown._comment(["é" * (exact - 10)], 0)), "bytes count"


LONG_PATH = "/subscriptions/a-long-one/resourceGroups/mlops/providers/Some.Provider/things/part"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("text", "text"), (1.0, "1"), (1.5, "1.5"), (True, "true"), (None, "null"), (7, "7"),
        ([1, 2], "[1, 2]"), ({"a": 1}, '{"a": 1}'),
        ("two\n lines\t here", "two lines here"),
        ("x" * 80, "x" * 80), ("x" * 81, "x" * 77 + "..."),
        ({f"key{n}": n for n in range(4)}, "a document of key0, key1, key2, key3"),
    ],
)  # fmt: skip
def test_a_value_is_one_short_line(content: Any, expected: str) -> None:
    assert formatting.value(content) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, 1, "1 (new)"), (1, None, "1 (removed)"), (1, 2, "1 → 2"), (1, 1, "changed 1"),
        # An object of forty characters of JSON is short, one of more is told by its names.
        (None, {"d": date(2026, 1, 1)}, '{"d": "2026-01-01"} (new)'),
        (None, {"a": "x" * 31}, '{"a": "' + "x" * 31 + '"} (new)'), (None, {"a": "x" * 32}, "new"),
        ({"a": "x" * 32}, None, "removed"), ([1], None, "[1] (removed)"),
        ("a/b/c", "a/b/d", "a/b/c → a/b/d"),
        (f"{LONG_PATH}/1", f"{LONG_PATH}/2", ".../1 → .../2"),
        # Of two that part early the whole is shown, shortened.
        (f"a/{LONG_PATH}", f"b/{LONG_PATH}",
         f"{('a/' + LONG_PATH)[:77]}... → {('b/' + LONG_PATH)[:77]}..."),
    ],
)  # fmt: skip
def test_a_change_says_what_was_and_what_would_be(before: Any, after: Any, expected: str) -> None:
    assert formatting.change(Setting("p", before, after)) == expected


def test_paths_part_where_they_differ_from_forty_characters_and_eighty_on() -> None:
    for shared, length, apart in ((40, 81, True), (39, 81, False), (40, 80, False)):
        before = "s" * shared + "/" + "x" * (length - shared - 1)
        after = "s" * shared + "/y"
        line = formatting.change(Setting("p", before, after))
        assert line.endswith("→ .../y") is apart, (shared, length)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (1.0, 1.0, "$1.00 x"), (1.0, 2.0, "$1.00 → $2.00 x"), (0.0, 0.1, "$0.00 → $0.10 x"),
        (0.0999, None, "$0.0999 → (known after up) x"), (1234.5, 1234.5, "$1,234.50 x"),
    ],
)  # fmt: skip
def test_money_has_cents_or_what_is_less(before: float, after: float | None, expected: str) -> None:
    assert formatting.money(before, after, "x") == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (100.0, 150.0, "+$50.00 (+50 %)"), (100.0, 50.0, "-$50.00 (-50 %)"),
        (100.0, 100.0, ""), (100.0, 100.004, ""), (0.0, 5.0, "+$5.00"), (None, 5.0, ""),
        (5.0, None, ""), (1000.0, 1001.0, "+$1.00"), (1.0, 2001.0, "+$2,000.00 (+200000 %)"),
    ],
)  # fmt: skip
def test_a_change_of_cost_has_its_sign_and_share(
    before: float | None, after: float | None, expected: str
) -> None:
    assert formatting.cost_change(Cost((before, after), (0, 0), (0, 0), "2026")) == expected
    assert formatting.cost_change(None) == ""


DATA = [
    ("s3.Bucket", "the artifacts, captures and reports in it"),
    ("storage.StorageAccount", "the artifacts, captures and reports in it"),
    ("storage.BlobContainer", "the blobs in it"),
    ("kms.Key", "everything that was encrypted with it"),
    ("kms.CryptoKey", "everything that was encrypted with it"),
    ("keyvault.Vault", "the keys and secrets in it"),
    ("sagemaker.ModelPackageGroup", "the registered model versions"),
    ("ml.ModelContainer", "the registered model versions"),
    ("local.RegisteredModel", "the registered model versions"),
    ("gcp.Entry", "the registered model versions"),
    ("ml.Workspace", "the models, runs and schedules in it"),
    ("cloudwatch.LogGroup", "the logs in it"),
    ("bigquery.Dataset", "the tables in it"),
    ("local.Folder", "the artifacts, captures and reports in it"),
]


@pytest.mark.parametrize(("kind", "loss"), DATA)
def test_what_is_lost_with_a_resource_is_told(kind: str, loss: str) -> None:
    for operation, effect in (("delete", "deleted"), ("replace", "replaced")):
        change = Change(operation, kind, "it", reasons=("a", "b"))
        assert [*losses((change,))] == [
            f"Data lost: it ({kind}) would be {effect} because of a, b, and with it {loss}."
        ]
        assert not [*losses((Change(operation, kind, "it", retained=True),))]
    assert not [*losses((Change("update", kind, "it"), Change("create", kind, "it")))]


@pytest.mark.parametrize("kind", ["sagemaker.Endpoint", "ml.OnlineEndpoint", "vertex.AiEndpoint"])
def test_an_endpoint_that_goes_is_told(kind: str) -> None:
    assert [*losses((Change("delete", kind, "it"),))] == [
        f"Endpoint lost: it ({kind}) would be deleted; nothing answers any more."
    ]
    assert [*losses((Change("replace", kind, "it"),))] == [
        f"Endpoint lost: it ({kind}) would be replaced; its address may change, and nothing "
        "answers until a version is released again."
    ]
    assert not [*losses((Change("delete", "sns.Topic", "it"),))]


def test_values_of_the_engine_are_written_as_people_would() -> None:
    secret = {SIGNATURE: SECRET, "ciphertext": "x"}
    asset = {SIGNATURE: "asset", "hash": "0123456789abcdef"}
    assert plain({"a": secret, "b": UNKNOWN, "c": asset, "d": [UNKNOWN, " [1]"], "e": 1}) == {
        "a": MASK, "b": LATER, "c": "content 0123456789ab", "d": [LATER, [1]], "e": 1,
    }  # fmt: skip
    assert plain({SIGNATURE: "asset", "text": '{"a": 1}'}) == {"a": 1}
    assert plain(dict.fromkeys(("__defaults", "__provider", "__internal"), 1)) == {}
    assert set(IGNORED) == {"__defaults", "__provider", "__internal"}
    assert MASK == "(secret)" and LATER == "(known after up)"


@pytest.mark.parametrize(
    ("before", "after", "settings"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {}, [("a", 1, None)]),
        ({}, {"a": {"b": 1}}, [("a", None, {"b": 1})]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3, "c": 2}}, [("a.b", 1, 3)]),
        # A list of plain values is shown as a whole.
        ({"a": [1, 2]}, {"a": [2]}, [("a", [1, 2], [2])]),
        ({"a": [{"x": 1}]}, {"a": [{"x": 2}]}, [("a[0].x", 1, 2)]),
        ({"a": [{"name": "n", "x": 1}]}, {"a": [{"name": "n", "x": 2}]}, [("a[n].x", 1, 2)]),
        (
            {"a": [{"name": "n"}]},
            {"a": [{"name": "m"}]},
            [("a[n]", {"name": "n"}, None), ("a[m]", None, {"name": "m"})],
        ),
        ({"a": [{"name": "n"}]}, {"a": 5}, [("a", [{"name": "n"}], 5)]),
        ({"a": 5}, {"a": [{"name": "n"}]}, [("a", 5, [{"name": "n"}])]),
        # One with parts on either side is compared part by part.
        ({"a": [1, 2]}, {"a": [1, {"x": 2}]}, [("a[1]", 2, {"x": 2})]),
        ({"a": [[1], 2]}, {"a": [1, 2]}, [("a[0]", [1], 1)]),
        ({"a": []}, {"a": [{"name": "n"}]}, [("a[n]", None, {"name": "n"})]),
        ({"a": [{"name": "n"}]}, {"a": []}, [("a[n]", {"name": "n"}, None)]),
        ({"a": "secret-0123456789ab!"}, {"a": "x"}, [("a", "(secret)!", "x")]),
        ({"a": ["secret-0123456789ab"]}, {"a": []}, [("a", ["(secret)"], [])]),
    ],
)
def test_what_differs_is_named_down_to_the_setting(
    before: Any, after: Any, settings: list[tuple[str, Any, Any]]
) -> None:
    assert [*differences(before, after)] == [Setting(*setting) for setting in settings]


@pytest.mark.parametrize("key", ["name", "Name", "Sid", "sid", "id", "Id", "key", "Key"])
def test_items_are_told_by_their_names_if_each_has_one_of_its_own(key: str) -> None:
    first, second = {key: "a"}, {key: "b"}
    assert by_name([first, second]) == {"a": first, "b": second}
    assert by_name([first, first]) == {"0": first, "1": first}
    assert by_name([first, {}]) == {"0": first, "1": {}}
    assert by_name([{key: ""}, second]) == {"0": {key: ""}, "1": second}
    assert by_name([first, 5]) == {"0": first, "1": 5}


def test_what_is_known_later_is_found_at_any_depth() -> None:
    assert is_later({"a": [1, {"b": LATER, "c": 1}], "d": 1}) and is_later(LATER)
    assert not is_later({"a": [1, {"b": "c"}]}) and not is_later([])


def test_settings_are_told_by_their_full_names() -> None:
    assert flat({"a": {"b": 1, "c": {}}, "d": None, "e": [1]}) == {
        "a.b": 1, "a.c": {}, "d": "null", "e": [1],
    }  # fmt: skip


def step(operation: str, token: str, name: str, **sides: Any) -> dict[str, Any]:
    """An event of the engine's log about a resource, as `pulumi preview --json` has it."""
    urn = f"urn:pulumi:dev::mlops::{token}::{name}"
    return {"resourcePreEvent": {"metadata": {"op": operation, "type": token, "urn": urn, **sides}}}


OLD, NEW = "a" * 64, "b" * 64


def outputs(old: str | None, new: str | None) -> dict[str, Any]:
    sides = {"old": {"outputs": {"digest": old}}, "new": {"outputs": {"digest": new}}}
    return {"resOutputsEvent": {"metadata": {"type": "pulumi:pulumi:Stack", **sides}}}


def inputs(**values: Any) -> dict[str, Any]:
    return {"inputs": values}


EVENTS = [
    step("create", "pulumi:pulumi:Stack", "mlops-dev", new=inputs()),
    step("create", "mlops:index:Registry", "registry", new=inputs()),
    step("update", "aws:sagemaker/pipeline:Pipeline", "training", old=inputs(tags={"a": 1}),
         new=inputs(tags={"a": 2})),
    step("create", "aws:sns/topic:Topic", "alarms", new=inputs(name="x", __defaults=["name"])),
    step("delete", "aws:s3/bucket:Bucket", "store", old={**inputs(a=1), "retainOnDelete": True}),
    step("replace", "pulumi-python:dynamic/local:Folder", "folder", old=inputs(path="a"),
         new=inputs(path="b"), keys=["path", "name"]),
    step("create-replacement", "pulumi-python:dynamic/local:Folder", "folder", new=inputs()),
    step("same", "aws:kms/key:Key", "key", old=inputs(a=1), new=inputs(a=1)),
    # What differs by the model code alone is told once, for the whole stack.
    step("update", "aws:s3/bucketObjectv2:BucketObjectv2", "code",
         old=inputs(key=f"code/{OLD[:12]}.whl", other=["c" * 12, 5]),
         new=inputs(key=f"code/{NEW[:12]}.whl", other=["c" * 12, 5])),
    outputs(OLD, NEW),
    {"resOutputsEvent": {"metadata": {"type": "aws:kms/key:Key", "new": {
        "outputs": {"digest": "no"}}}}},
    *[{"policyEvent": {"policyName": name, "enforcementLevel": level, "message": message,
                       "resourceUrn": "urn:pulumi:dev::mlops::aws:s3/bucket:Bucket::store"}}
      for name, level, message in (
          ("regions", "mandatory", "Nothing stands outside\nstore: ap-south-1  is\nnot one"),
          ("capture", "advisory", "Every endpoint\nno capture"),
          ("capture", "advisory", "Every endpoint\nno capture"))],
]  # fmt: skip


def test_a_preview_is_read_from_the_engine_s_events() -> None:
    summary = events.read(EVENTS)
    assert summary.changes == (
        Change("replace", "local.Folder", "folder", (Setting("path", "a", "b"),),
               reasons=("name", "path")),
        Change("delete", "s3.Bucket", "store", retained=True),
        Change("create", "sns.Topic", "alarms"),
        Change("update", "s3.BucketObjectv2", "code"),
        Change("update", "sagemaker.Pipeline", "training", (Setting("tags.a", 1, 2),)),
    )  # fmt: skip
    assert summary.code == (OLD, NEW)
    assert summary.findings == (
        Finding("capture", False, "store", "no capture"),
        Finding("regions", True, "store", "ap-south-1 is not one"),
    )
    assert summary.errors == ()
    before = {(resource.name, str(resource.inputs)) for resource in summary.before}
    after = {(resource.name, str(resource.inputs)) for resource in summary.after}
    assert ("store", "{'a': 1}") in before and "store" not in {name for name, _ in after}
    # A name that the provider chose is no setting.
    assert ("alarms", "{}") in after and ("key", "{'a': 1}") in before & after
    assert ("folder", "{'path': 'a'}") in before and ("folder", "{'path': 'b'}") in after


@pytest.mark.parametrize(
    ("old", "new", "settings"),
    [
        (OLD, NEW, ()),
        # Without the code of either side, or with the same, nothing stands for the other.
        (None, NEW, (Setting("key", "a" * 12, "b" * 12),)),
        (OLD, None, (Setting("key", "a" * 12, "b" * 12),)),
        ("c" * 64, NEW, (Setting("key", "a" * 12, "b" * 12),)),
    ],
)
def test_only_the_old_code_s_digest_is_the_new_one_s(
    old: str | None, new: str | None, settings: tuple[Setting, ...]
) -> None:
    update = step("update", "aws:sns/topic:Topic", "t", old=inputs(key="a" * 12),
                  new=inputs(key="b" * 12))  # fmt: skip
    (change,) = events.read([update, outputs(old, new)]).changes
    assert change.settings == settings


def definition(*steps: tuple[str, str]) -> dict[str, Any]:
    """The inputs of a pipeline: its steps, each with the code that it runs."""
    return inputs(pipelineDefinition={"Steps": [{"Name": n, "Code": code} for n, code in steps]})


@pytest.mark.parametrize("operation", ["update", "replace"])
def test_the_steps_of_a_pipeline_are_told_apart_from_its_settings(operation: str) -> None:
    token = "aws:sagemaker/pipeline:Pipeline"
    old = definition(("train", f"code/{OLD[:12]}.whl"), ("old", "x"))
    new = definition(("train", f"code/{NEW[:12]}.whl"), ("audit", "x"))
    changed = step(operation, token, "training", old=old, new=new)
    (change,) = events.read([changed, outputs(OLD, NEW)]).changes
    # That the code differs is told once, for the whole stack, and not as a change of the step.
    assert change.steps == (StepChange("create", "audit"), StepChange("delete", "old"))
    assert change.settings == ()
    (change,) = events.read([changed]).changes
    code = Setting("Code", f"code/{OLD[:12]}.whl", f"code/{NEW[:12]}.whl")
    assert StepChange("update", "train", (code,)) in change.steps


@pytest.mark.parametrize(("operation", "side"), [("create", "new"), ("delete", "old")])
def test_a_pipeline_that_comes_or_goes_has_no_steps_to_tell(operation: str, side: str) -> None:
    token = "aws:sagemaker/pipeline:Pipeline"
    made = step(operation, token, "training", **{side: definition(("train", "x"))})
    (change,) = events.read([made]).changes
    assert (change.steps, change.settings, change.reasons) == ((), (), ())


def test_a_replacement_without_a_reason_is_one_all_the_same() -> None:
    replaced = step("replace", "aws:sns/topic:Topic", "t", old=inputs(), new=inputs(), keys=None)
    assert events.read([replaced]).changes == (Change("replace", "sns.Topic", "t"),)


def test_nothing_is_read_from_no_events() -> None:
    empty = events.read([{"preludeEvent": {}}, {"resourcePreEvent": {}}])
    assert empty == events.EventSummary((), (), (), (None, None), (), ())
