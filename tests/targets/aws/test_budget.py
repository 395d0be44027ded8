"""The amount of a budget, as AWS Budgets takes it."""

from __future__ import annotations

import re

import botocore.session
import pytest

from components.monitoring.aws import _amount


@pytest.mark.parametrize("monthly", [0.0001, 0.5, 9.0, 1500.0, 12345.67, 1_500_000.0, 1e16])
def test_an_amount_is_a_number_in_the_service_model(monthly: float) -> None:
    service = botocore.session.get_session().get_service_model("budgets")
    amount = service.shape_for("Spend").members["Amount"]  # type: ignore[reportAttributeAccessIssue]
    text = _amount(monthly)
    assert re.fullmatch(amount.metadata["pattern"], text), text
    assert float(text) == monthly
