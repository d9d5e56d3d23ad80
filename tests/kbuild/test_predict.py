"""What modules.order will hold, from the edges that will write it."""

import pytest

from ninjagen.errors import NinjagenError
from ninjagen.graph import Edge, Graph
from ninjagen.kbuild.predict import Predictions
from ninjagen.kbuild.thinlto import ThinLto
from ninjagen.source import Loc


def order(path: str, steps: str) -> Edge:
    return Edge("gen_order", (path,), saved=f"{{ {steps} :; }} > {path}")


def predictions(*edges: Edge, objtree: str = "/out") -> Predictions:
    graph = Graph()
    for edge in edges:
        graph.add(edge)
    return Predictions(graph, ThinLto(graph, lambda: []), objtree)


TREE = (
    order("fs/a/modules.order", "echo fs/a/x.o;"),
    order("fs/modules.order", " cat fs/a/modules.order; echo fs/y.o;"),
    order("modules.order", "cat fs/modules.order; echo z.o;"),
)


def test_orders_are_taken_in_at_their_place():
    assert predictions(*TREE).text_of("modules.order") == "fs/a/x.o\nfs/y.o\nz.o\n"
    assert list(predictions(*TREE).modules("modules.order")) == ["fs/a/x", "fs/y", "z"]
    assert list(predictions(*TREE).modules("fs/modules.order")) == ["fs/a/x", "fs/y"]


def test_names_of_an_external_module_may_be_absolute():
    """Kernels before 6.13 build it from their own directory."""
    known = predictions(
        order("sub/modules.order", "echo /m/sub/x.o;"),
        order("modules.order", "cat /m/sub/modules.order; echo /m/y.o;"), objtree="/m",
    )
    assert known.text_of("/m/modules.order") == "/m/sub/x.o\n/m/y.o\n"
    assert list(known.modules("/m/modules.order")) == ["/m/sub/x", "/m/y"]
    assert list(known.modules("/mm/modules.order")) == []


def test_a_directory_may_be_named_by_way_of_another():
    """drivers/gpu/drm/amd/display/amdgpu_dm/Makefile: obj-y += $(AMDDALPATH)/amdgpu_dm/tests/"""
    known = predictions(
        order("fs/b/modules.order", "echo fs/a/../b/x.o;"),
        order("fs/a/modules.order", "cat fs/a/../b/modules.order; echo fs/a/y.o;"),
    )
    assert known.text_of("fs/a/modules.order") == "fs/a/../b/x.o\nfs/a/y.o\n"
    assert known.answer("cat ./fs/a/../b/modules.order") == "fs/a/../b/x.o\n"


@pytest.mark.parametrize("below", [
    (), (Edge("gen_order", ("fs/a/modules.order",), saved="date > fs/a/modules.order"),),
])
def test_a_list_that_nobody_is_known_to_make(below):
    steps = "echo fs/y.o; cat fs/a/modules.order;"
    edge = Edge("gen_order", ("fs/modules.order",), saved=f"{{ {steps} :; }} > fs/modules.order",
                loc=Loc("scripts/Makefile.build", 7))
    known = predictions(order("modules.order", "cat fs/modules.order;"), edge, *below)
    for asked in (
        lambda: list(known.modules("modules.order")), lambda: known.text_of("fs/modules.order")
    ):
        with pytest.raises(NinjagenError) as caught:
            asked()
        assert str(caught.value) == (
            "scripts/Makefile.build:7: fs/modules.order takes in fs/a/modules.order,"
            " and nothing is known to make that list\n"
            "  hint: obj-y or obj-m in the makefile of fs has to name the directory fs/a/"
        )


def test_a_kernel_without_modules():
    assert predictions(order("modules.order", "")).text_of("modules.order") == ""


def test_the_command_is_known_by_what_it_does_not_by_its_name():
    edge = Edge("modules_order", ("modules.order",), saved="{   echo a.ko; :; } > modules.order")
    assert predictions(edge).text_of("modules.order") == "a.ko\n"
    assert list(predictions(edge).modules("modules.order")) == ["a"]


def test_reading_by_a_shell_is_answered_too():
    known = predictions(*TREE)
    assert known.answer("cat fs/modules.order") == "fs/a/x.o\nfs/y.o\n"
    assert known.answer("cat other") is None


def test_finding_by_a_shell_that_may_find_nothing():
    """usr/include/Makefile, which tests each exported header by itself"""
    known = predictions(order("usr/include/a.h", ""), order("usr/include/b/c.h", ""))
    found = "usr/include/a.h\nusr/include/b/c.h\n"
    assert known.answer("find usr/include -name '*.h'") == found
    assert known.answer("find usr/include -name '*.h' 2>/dev/null") == found
    assert known.answer("find usr/include -name '*.h' >/dev/null") is None


def test_other_products_are_not_known():
    assert predictions(Edge("gen", ("list",), saved="echo a > list")).text_of("list") is None
    assert predictions().text_of("modules.order") is None
    for steps in ("echo a; date;", "echo $x;", "echo a b;", 'echo "a";'):
        edge = Edge("gen", ("list",), saved=f"{{ {steps} :; }} > list")
        assert predictions(edge).text_of("list") is None
