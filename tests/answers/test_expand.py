"""`-t expand`: text in the words of one directory's makefile."""

from __future__ import annotations


def test_words_at_the_end_of_reading(sample):
    sample.describe()
    assert sample.ask("expand", "kernel", "$(obj-y)") == "fork.o\ntime/\nfast.o\n"
    assert sample.ask("expand", "kernel/", "$(subdir-y) text") == "kernel/time\ntext\n"
    assert sample.ask("expand", ".", "$(obj-y)") == "kernel/\n"
    assert sample.ask("expand", "kernel/time", "$(obj)") == "kernel/time\n"


def test_directory_that_is_not_built(sample):
    sample.describe()
    said = sample.ask("expand", "kernel/tim", "$(obj-y)", status=1)
    assert said == (
        "ninjagen: error: no makefile of this build is evaluated for directory 'kernel/tim'\n"
        "  hint: did you mean 'kernel/time'?\n"
    )


def test_text_that_is_wrong(sample):
    sample.describe()
    said = sample.ask("expand", "kernel", "$(word 0,a)", status=1)
    assert "first argument to 'word' function must be greater than 0" in said
