"""Rows become tensors, or are refused."""

import pytest

from headrace.inference.packing import Packer, UnfitRowError
from headrace.inference.schema import RowSchema
from headrace.runtimes.base import Tensor


def test_half_a_surrogate_pair_is_no_text_for_a_graph():
    texts = {"type": "array", "items": {"type": "string"}}
    schema = {"type": "object", "properties": {"x": texts}, "required": ["x"]}
    packer = Packer(RowSchema(schema), {"x": Tensor("str", (None, None))})

    assert packer.pack([(["a", "é"],), (["", "🙂"],)])["x"].tolist() == [["a", "é"], ["", "🙂"]]
    with pytest.raises(UnfitRowError, match="surrogates not allowed"):
        packer.pack([(["a", "\ud800"],)])
