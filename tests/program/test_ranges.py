"""Every node whose value is made of other numbers has its own arm in `ranges`; what is new must be looked at here."""

from __future__ import annotations

import typing

from policyrules.operators import OPERATORS
from policyrules.program import nodes as core
from policyrules.types import BOOL, NUMERIC

# How long a number of each is, `number_length` works out; the others are as long as one input, or no numbers.
MADE_OF_NUMBERS = {
    "TermValue",
    "StatisticValue",
    "AmountValue",
    "Extreme",
    "Sum",
    "Product",
    "Choose",
    "Fallback",
    "Aggregate",
}
PLAIN = {"AsOf", "AsOfYear", "Yearly"}
SETS = {"Less"}
INPUTS = {"Constant", *PLAIN, "FieldValue", "ParameterValue", "DecisionValue", "Apply"}


def test_each_node_is_a_condition_an_input_or_made_of_numbers() -> None:
    numbers = {node.__name__ for node in typing.get_args(core.Expr) if not hasattr(node.type, "kind")}
    conditions = {node.__name__ for node in typing.get_args(core.Expr)} - numbers
    assert numbers | PLAIN == MADE_OF_NUMBERS | INPUTS | SETS
    assert conditions - PLAIN == {node for node in conditions if getattr(core, node).type == BOOL}


def test_an_operator_gives_no_longer_number_than_an_input() -> None:
    """Days between two dates and sizes of sets: a new operator that computes needs an arm of its own."""
    assert {name for name, operator in OPERATORS.items() if operator.gives.kind in NUMERIC} == {
        "days_between",
        "set_size",
        "year_of",
    }
