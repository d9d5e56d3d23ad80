"""The sample kernel is one: make and ninja build the same of it."""

from __future__ import annotations


def products(sample) -> dict[str, bytes]:
    found = [path for path in sample.out.rglob("*") if path.suffix in (".o", ".a", ".i")]
    return {str(path.relative_to(sample.out)): path.read_bytes() for path in found}


def test_make_and_ninja_agree(sample):
    sample.describe()
    sample.ninja()
    ours = products(sample)
    assert {"kernel/fork.o", "kernel/time/clock.o", "kernel/built-in.a"} <= ours.keys()
    for name in ours:
        (sample.out / name).unlink()
    sample.make("vmlinux")
    assert products(sample) == ours
