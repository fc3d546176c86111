# SPDX-License-Identifier: GPL-2.0-or-later
"""Known figures of known values: python3 -m unittest test_stats."""
import unittest

import measure
import stats


class Quantiles(unittest.TestCase):
    def test_between_neighbours(self):
        self.assertEqual(stats.quantile([4, 1, 3, 2], 0.5), 2.5)
        self.assertEqual(stats.quantile([1, 2, 3, 4, 5], 0.25), 2)
        self.assertAlmostEqual(stats.quantile([0, 10], 0.99), 9.9)

    def test_ends(self):
        self.assertEqual(stats.quantile([3, 1, 2], 0), 1)
        self.assertEqual(stats.quantile([3, 1, 2], 1), 3)
        self.assertEqual(stats.quantile([7], 0.99), 7)

    def test_none(self):
        with self.assertRaises(ValueError):
            stats.quantile([], 0.5)

    def test_summary(self):
        s = stats.summary(list(range(101)))
        self.assertEqual((s["n"], s["min"], s["q1"], s["median"], s["q3"],
                          s["p99"]), (101, 0, 25, 50, 75, 99))


class Pairs(unittest.TestCase):
    def test_a_slow_while_is_in_no_ratio(self):
        # Twice as quick all along, while the machine gets ten times slower:
        # the ratio of the medians would say something else.
        theirs, ours = [10, 10, 100, 100, 100], [5, 5, 5 * 10, 50, 50]
        r = stats.ratios(ours, theirs)
        self.assertEqual((r["q1"], r["median"], r["q3"]), (0.5, 0.5, 0.5))

    def test_not_the_ratio_of_medians(self):
        self.assertEqual(stats.ratios([1, 9, 4], [1, 3, 8])["median"], 1)

    def test_differences(self):
        self.assertEqual(stats.differences([5, 7], [4, 4])["median"], 2)

    def test_pairs_only(self):
        with self.assertRaises(ValueError):
            stats.ratios([1, 2], [1])


class Turns(unittest.TestCase):
    def test_each_begins_as_often(self):
        order = []
        got = measure.turns({"a": lambda: order.append("a") or 1,
                             "b": lambda: order.append("b") or 2},
                            measure.Budget(0, 4, 9, 2))
        self.assertEqual(got, {"a": [1] * 4, "b": [2] * 4})
        order = order[2 * 2:]
        self.assertEqual([order[i] for i in (0, 2, 4, 6)].count("a"), 2)

    def test_never_more_than_most(self):
        got = measure.turns({"a": lambda: 1}, measure.Budget(60, 2, 5, 0))
        self.assertEqual(len(got["a"]), 5)


if __name__ == "__main__":
    unittest.main()
