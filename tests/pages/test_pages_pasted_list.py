"""A pasted list: which codes its lines hold."""

import pytest

from pages.scan.ways import codes_of


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("7000201520111\n1ONB24303579222\n", ["7000201520111", "1ONB24303579222"]),
        ("80381866333,Z4278696444; 55", ["80381866333", "Z4278696444", "55"]),
        ("AWB: 7000201520111", ["AWB: 7000201520111"]),
        ("1\tAna Pop\t7000201520111;\n8038", ["1\tAna Pop\t7000201520111", "8038"]),
        ("80381866333\r\n80381866333", ["80381866333"]),
        (" \n;\n , ", []),
    ],
)  # fmt: skip
def test_a_line_with_words_is_one_code_and_numbers_in_a_line_are_several(
    text: str, codes: list[str]
) -> None:
    assert codes_of(text) == codes
