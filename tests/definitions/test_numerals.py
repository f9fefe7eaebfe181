"""Numbers as exports write them: every usual way of writing one reads back, and what is none is NaN."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.definitions.numerals import decimal_of, read_number

STYLES = {
    "1,234.5": (",", "."),
    "1.234,5": (".", ","),
    "1 234,5": (" ", ","),
    "1\u00a0234,5": ("\u00a0", ","),
    "1\u202f234,5": ("\u202f", ","),
    "1'234.5": ("'", "."),
    "1’234.5": ("’", "."),
    "1234.5": ("", "."),
    "1234,5": ("", ","),
}
AROUND = ("{}", "€{}", "{} €", "${}", "$ {}", "£{}", "{}%", "{} %", "CHF {}", "{} CHF", "EUR {}", "{}EUR", "  {} ")
SIGNED = ("-{}", "- {}", "\u2212{}", "+{}")

amounts = st.decimals(min_value=0, max_value=10**12, places=2)


def written(value: object, style: str, around: str = "{}") -> str:
    thousands, decimal = STYLES[style]
    whole, fraction = f"{value:,.2f}".split(".")
    return around.format(whole.replace(",", thousands) + decimal + fraction)


@given(amounts, st.sampled_from(list(STYLES)), st.sampled_from(AROUND))
def test_an_amount_reads_back_however_it_is_written(value: object, style: str, around: str) -> None:
    text = written(value, style, around)
    assert read_number(text, STYLES[style][1]) == float(str(value))


@given(amounts, st.sampled_from(list(STYLES)), st.sampled_from(SIGNED), st.sampled_from(AROUND))
def test_an_amount_keeps_its_sign(value: object, style: str, sign: str, around: str) -> None:
    expected = float(str(value)) * (1 if sign.startswith("+") else -1)
    assert read_number(around.format(sign.format(written(value, style))), STYLES[style][1]) == expected


@pytest.mark.parametrize(
    "text", ["-€12.50", "-$12.50", "- £12.50", "-12.50%", "-CHF 12.50", "-EUR\u00a012.50", "\u2212USD12.50"]
)
def test_a_sign_may_stand_before_the_currency(text: str) -> None:
    assert read_number(text) == -12.5


@given(amounts, st.sampled_from(list(STYLES)))
def test_an_amount_in_parentheses_is_negative(value: object, style: str) -> None:
    assert read_number(f"({written(value, style)})", STYLES[style][1]) == -float(str(value))


@given(st.lists(amounts, min_size=1), st.sampled_from(list(STYLES)), st.sampled_from(AROUND))
def test_a_columns_amounts_show_their_decimal_mark(values: list[object], style: str, around: str) -> None:
    texts = [written(value, style, around) for value in values]
    decimal = decimal_of(texts)
    assert decimal == STYLES[style][1]
    assert [read_number(text, decimal) for text in texts] == [float(str(value)) for value in values]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_as_programs_write_it_reads_back(value: float) -> None:
    assert read_number(repr(value)) == value
    assert read_number(repr(value).replace(".", ","), ",") == value


@given(st.text("0123456789.,'\u00a0 -+()€$%eECHFkr\n", max_size=12) | st.text(max_size=6))
def test_no_text_breaks_the_reading(text: str) -> None:
    for decimal in (".", ","):
        assert not math.isinf(read_number(text, decimal))
    assert decimal_of([text]) in (".", ",")


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "-", "+", "€", "%", "CHF", "twelve", "12 or 13", "5k", "1_000", "0x10", "inf", "NaN", "1e999",
        "3/4", "1:30", "--5", "(5", "2026-01-05", "1.2.3", "12,34", "1,,234", "1,2345", "1 2345", "06 12 345 678",
        "info@example.com",
    ],
)  # fmt: skip
def test_what_is_no_number_is_nan(text: str) -> None:
    assert math.isnan(read_number(text))


@pytest.mark.parametrize("text", ["1.5", "0.5", "1234.567", "1,234.5", "1.23", "12.3456"])
def test_a_point_that_can_be_no_thousand_is_no_number_among_decimal_commas(text: str) -> None:
    assert math.isnan(read_number(text, ","))


def test_a_mark_before_three_digits_is_what_the_column_says() -> None:
    assert decimal_of(["1.234", "12,5"]) == ","
    assert [read_number(text, ",") for text in ("1.234", "12,5")] == [1234.0, 12.5]
    assert decimal_of(["1,234", "12.5"]) == "."
    assert [read_number(text, ".") for text in ("1,234", "12.5")] == [1234.0, 12.5]


@pytest.mark.parametrize(
    ("texts", "decimal"),
    [
        ([], "."),
        (["12", "999"], "."),
        (["1,234", "999"], "."),
        (["1.234"], "."),
        (["1.234.567"], ","),
        (["1,234,567"], "."),
        (["0,125"], ","),
        (["0.125"], "."),
        (["1234,125"], ","),
        (["1.234,5", "7"], ","),
        (["12,50 €", "1.250 €"], ","),
        (["-1,5", "(2,5)"], ","),
        (["1.234E+5"], "."),
        (["1,5", "2,5", "3.5"], ","),
    ],
)
def test_a_column_is_decided_as_a_whole(texts: list[str], decimal: str) -> None:
    assert decimal_of(texts) == decimal
    assert decimal_of(reversed(texts)) == decimal


def test_texts_that_are_no_numbers_do_not_decide() -> None:
    assert decimal_of(["12.5", "n,a,", "etc,", "yes, 5"]) == "."
    assert decimal_of(["12,5", "n.a.", "approx.", "no. 5", "Dr. No"]) == ","


@pytest.mark.parametrize("text", ["R$ 1.234,56", "US$ 1.234,56", "C$1.234,56", "A$ 1.234,56"])
def test_a_dollar_with_its_country_is_a_currency(text: str) -> None:
    assert read_number(text, ",") == 1234.56


@pytest.mark.parametrize("text", ["12€50", "12$50", "1€234"])
def test_a_sign_between_digits_does_not_join_them(text: str) -> None:
    """12 euros 50 are not 1250 euros."""
    assert read_number(text) != float(text.replace("€", "").replace("$", ""))
