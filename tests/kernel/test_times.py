"""tools/bench on real trees: its tables. Counts are checked, times are shown."""

from __future__ import annotations

import pytest

from tests.kernel import bench
from tests.kernel.ours import Machine
from tests.kernel.pair import both_built

pytestmark = pytest.mark.kernel


def measured_rows(name, names, directory, measured) -> list[bench.Row]:
    with both_built(name, Machine(directory)) as pair:
        measuring = bench.Bench(pair, 1, bench.HEADER, bench.OPTION)
        measured += measuring.measure(names).splitlines()
    return measuring.rows


def test_every_row(tmp_path, measured):
    rows = measured_rows("7.2-llvm-beside", bench.ROWS, tmp_path, measured)
    assert len(rows) > 10 and all(row.ours for row in rows)


@pytest.mark.full
def test_rows_of_distributed_thinlto(tmp_path, measured):
    rows = measured_rows("7.2-dist-beside", bench.THINLTO_ROWS, tmp_path, measured)
    nothing, touch, edit, *_ = [row.back_ends for row in rows if row.back_ends]
    everything = touch[0]
    assert everything > 400
    assert (nothing, touch) == ((0, 0), (everything, 0))
    assert edit[0] == everything > 10 * edit[1] > 0
