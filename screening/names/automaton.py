"""Aho-Corasick over words instead of letters (Commun. ACM 18(6), 1975)."""

from collections.abc import Iterable


class Automaton:
    """Finds which of many token sequences stand in a stream, in one pass.

    `add` every sequence, then `link` once, then `search` from any thread. Nodes are positions in
    the lists; node 0 is the root.
    """

    def __init__(self) -> None:
        self._next: list[dict[str, int]] = [{}]
        self._ends: list[tuple[int, ...]] = [()]
        self._fallback: list[int] = [0]
        self._shorter: list[int] = [0]

    def add(self, tokens: Iterable[str], value: int) -> None:
        node = 0
        for token in tokens:
            if token not in self._next[node]:
                self._next[node][token] = len(self._next)
                self._next.append({})
                self._ends.append(())
            node = self._next[node][token]
        self._ends[node] += (value,)

    def link(self) -> None:
        """Point every node at its longest suffix, and at the longest suffix that is a sequence."""
        self._fallback = [0] * len(self._next)
        self._shorter = [0] * len(self._next)
        level = list(self._next[0].values())
        while level:
            below = []
            for node in level:
                fallback = self._fallback[node]
                self._shorter[node] = fallback if self._ends[fallback] else self._shorter[fallback]
                for token, child in self._next[node].items():
                    self._fallback[child] = self._step(fallback, token)
                    below.append(child)
            level = below

    def search(self, tokens: Iterable[str]) -> set[int]:
        """The values of every sequence in ``tokens``.

        A node is reported once, so that names within names cannot cost more than the trie has
        nodes.
        """
        reached: set[int] = set()
        node = 0
        for token in tokens:
            node = self._step(node, token)
            found = node if self._ends[node] else self._shorter[node]
            while found and found not in reached:
                reached.add(found)
                found = self._shorter[found]
        return {value for found in reached for value in self._ends[found]}

    def _step(self, node: int, token: str) -> int:
        while token not in self._next[node]:
            if node == 0:
                return 0
            node = self._fallback[node]
        return self._next[node][token]
