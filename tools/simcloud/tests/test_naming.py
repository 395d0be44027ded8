"""Names that the provider makes of a given prefix are no longer than the service allows."""

from __future__ import annotations

import pytest
from pulumi_simcloud.catalog import catalog
from pulumi_simcloud.naming import with_name


@pytest.mark.parametrize(
    ("token", "longest"),
    [
        ("aws:sns/topic:Topic", 256),
        ("aws:sqs/queue:Queue", 80),
        ("aws:cloudwatch/eventRule:EventRule", 64),
    ],
)
def test_a_prefix_leaves_room(token: str, longest: int) -> None:
    kind = catalog()[token]
    for length, wrong in ((longest - 26, []), (longest - 25, ["name"])):
        inputs = {"namePrefix": "a" * length}
        _, failures = with_name(kind, "r", {}, inputs, b"")
        assert [failure.path for failure in failures] == wrong
