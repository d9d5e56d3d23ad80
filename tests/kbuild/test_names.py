"""Phony names do not collide with files of an in-tree build."""

from ninjagen.kbuild.instance import Instance


class Named(Instance):
    """A process of which only the label matters."""

    def __init__(self, label: str) -> None:
        self._label = label

    @property
    def label(self) -> str:
        return self._label


def test_the_root_of_the_top_makefile_is_not_called_as_that_file():
    assert Named("Makefile").group_name(".") == "Makefile:."


def test_names_of_the_top_makefile_are_plain():
    assert Named("Makefile").group_name("prepare") == "prepare"
    assert Named("kernel").group_name("kernel/") == "kernel:kernel"
