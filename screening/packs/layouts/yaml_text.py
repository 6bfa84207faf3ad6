"""YAML of plain values, with its depth, size and merges limited while it is composed."""

from typing import Any

import yaml


class _LimitedLoader(yaml.SafeLoader):
    """PyYAML's safe loader, which has no limits of its own."""

    max_depth: int
    values_left: int
    merged_left: int

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self._depth += 1
        self.values_left -= 1
        if self._depth > self.max_depth:
            raise ValueError(f"nested more than {self.max_depth} deep")
        if self.values_left < 0:
            raise ValueError("too many values")
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Takes the pairs of ``<<`` over; each merge of merges would multiply them."""
        super().flatten_mapping(node)
        self.merged_left -= len(node.value)
        if self.merged_left < 0:
            raise ValueError("too many merged keys")


def read_yaml(text: str, *, max_depth: int, max_values: int) -> Any:
    """The one document in ``text``. Raises ValueError for what is none or is over a limit.

    Anchors share what they stand for: whoever walks the result has to count it each time.
    """
    try:
        loader = _LimitedLoader(text)
        loader.max_depth, loader.values_left, loader.merged_left = max_depth, max_values, max_values
        return loader.get_single_data()
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
