"""Distributed ThinLTO: kbuild's four stages, made exact to the object.

kbuild (7.2's scripts/Makefile.vmlinux_a and Makefile.thinlto) says what the stages run. What it
cannot say is here: that the thin link reads every object and makes an index for each bitcode
one, that an index which did not change keeps its time, and which native objects the archive
takes. An index holds the hashes of all that its back end reads, so a back end needs no more
inputs than its object and its index; what it imports never is one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from ninjagen import helpers
from ninjagen.errors import NinjagenError
from ninjagen.graph import Edge, Graph, escape_saved

INDEX = ".thinlto.bc"
NATIVE = ".thinlto-native.o"
INDEX_LIST = "vmlinux.thinlto-index"  # the bitcode objects, as the linker lists them
PREDICTED = ".ninjagen/thinlto.predicted"  # the bitcode objects that the flags promise, in order
DYNDEP = ".ninjagen/vmlinux.thinlto.dd"
STAGE = ".ninjagen/thinlto"

_SAVED_FLAGS = re.compile(r"saved_c_flags_(\S+) := (.*)' >> \S+$", re.S)
_READS_FLAGS = re.compile(r"^sed -n '/saved_c_flags_/s/\.\*:= //p'\s+(\S+)\.cmd\s*$")
_LTO_FLAG = re.compile(r"(?:^| )-f(no-)?lto(?:=\S+)?(?= |$)")
_LD_SINGLE = re.compile(r"; \S+ [^;]*-r -o \S*\.tmp_\S+ ")
_SOURCES = (".c", ".h", ".S", ".s", ".o")


@dataclass(eq=False, repr=False)
class ThinLto:
    """What the stages of one walk know of each other."""

    graph: Graph
    head_objects: Callable[[], list[str]]  # the lines of scripts/head-object-list.txt
    uses_dyndep: bool = True
    is_ours: bool = False  # --thinlto=dist: the kernel's own makefiles link in one process
    tools: dict[str, str] = field(default_factory=dict)  # CC, LD, AR... as kbuild has them
    flags: dict[str, str] = field(default_factory=dict)  # object -> flags its front end saved
    objects: list[str] = field(default_factory=list)  # of the thin link, in archive order
    bitcode: list[str] = field(default_factory=list)

    def answer(self, command: str) -> str | None:
        """Return what kbuild would read back of saved flags, or None for any other command.

        Raises NinjagenError when they are those of an object that nothing makes.
        """
        found = _READS_FLAGS.match(command)
        if found is None:
            return None
        directory, name = os.path.split(found[1])
        path = os.path.normpath(os.path.join(directory, name.removeprefix(".")))
        if path not in self.flags and self.graph.producer(path) is None:
            raise NinjagenError(f"the flags of {path} are wanted, which nothing compiles")
        return self.flags.get(path, "")

    # --- what the archives hold ---

    def members(self, archive: str) -> Iterator[str]:
        """Yield the objects of an archive, in its order, archives in it flattened."""
        edge = self.graph.producer(archive)
        if edge is None:
            return
        for path in edge.inputs:
            if path.endswith(".a"):
                yield from self.members(path)
            elif path.endswith(".o"):
                yield path

    def is_bitcode(self, path: str) -> bool:
        """Tell whether an object is bitcode: compiled with LTO, and not linked at once."""
        edge = self.graph.producer(path)
        if edge is None or edge.rule != "cc_o_c":
            return False
        command = edge.command.split("fixdep ", 1)[0]
        wishes = _LTO_FLAG.findall(command)  # the last one counts
        return bool(wishes) and not wishes[-1] and not _LD_SINGLE.search(command)

    def in_archive_order(self, archive: str) -> list[str]:
        """Return an archive's objects with the head objects first.

        kbuild applies scripts/head-object-list.txt with `grep -F -f`: every line, comments
        too, is looked for anywhere in a member's name.
        """
        objects = list(dict.fromkeys(self.members(archive)))
        heads = self.head_objects()
        first = [path for path in objects if any(line in path for line in heads)]
        if not first or not objects:
            return objects
        moved = set(first)
        return first + [path for path in objects if path not in moved]

    # --- the stages ---

    def thin_link(self, edge: Edge) -> Edge:
        """Make the thin link read every object, and leave alone what did not change."""
        order = self.graph.producer(edge.inputs[0])
        assert order is not None
        self.objects = self.in_archive_order(order.inputs[0])
        self.bitcode = [path for path in self.objects if self.is_bitcode(path)]
        index = edge.outputs[0]
        run, separator, save = edge.command.partition("; printf ")
        words = run.removeprefix("set -e; ").strip()
        call = helpers.thin_link_command(
            f"{STAGE}.rsp", PREDICTED, index, edge.inputs[0], STAGE, words
        )
        return edge._replace(
            text=f"set -e; {call}{separator}{save}",
            inputs=tuple(self.objects),
            implicit=(*edge.inputs, PREDICTED),
            implicit_outputs=tuple(path + INDEX for path in self.bitcode),
            rspfile=f"{STAGE}.rsp",
            restat=True,
            removes_failed=False,  # it writes elsewhere, and moves what differs
        )

    def backend(self, edge: Edge, nm: str) -> Edge:
        """Guard a back end; it also reads what its object includes without the compiler's say."""
        source = edge.inputs[0]
        front = self.graph.producer(source)
        others = () if front is None else tuple(
            path for path in (*front.inputs, *front.implicit) if not path.endswith(_SOURCES)
        )
        guard = helpers.backend_prefix(edge.outputs[0], source, nm)
        return edge._replace(
            text=edge.text.replace("set -e; ", f"set -e; {guard} ", 1),
            inputs=(source,),
            implicit=(*edge.inputs[1:], *others),
            # Versions of symbols, for modpost, can change where no byte of the object does.
            keeps_same=not _has_versions(front),
        )

    def archive(self, edge: Edge) -> Edge:
        """Let the archive take the native objects that the thin link has named."""
        elf = tuple(path for path in self.objects if path not in set(self.bitcode))
        if not self.uses_dyndep:
            natives = tuple(path.removesuffix(".o") + NATIVE for path in self.bitcode)
            return edge._replace(implicit=(*edge.implicit, *elf, *natives))
        self.graph.add(
            Edge(
                rule="thinlto_dyndep",
                outputs=(DYNDEP,),
                text=helpers.dyndep_command(DYNDEP, edge.inputs[1], edge.outputs[0]),
                description=f"GEN     {DYNDEP}",
                inputs=(edge.inputs[1],),
            )
        )
        # The natives are known to the graph already; only what the archive takes is not.
        order_only = tuple(path for path in edge.order_only if path in self.graph.producers
                           and not path.endswith(NATIVE))
        return edge._replace(
            implicit=(*edge.implicit, *elf),
            order_only=(*order_only, DYNDEP),
            dyndep=DYNDEP,
        )

    def refine(self, edge: Edge, nm: str) -> Edge:
        """Return the edge made exact, if it is one of the stages."""
        if edge.rule == "builtin.order":
            # The archive has all its members as inputs: only another order concerns it.
            return edge._replace(keeps_same=True)
        if edge.rule == "ld_thinlto_index":
            return self.thin_link(edge)
        if edge.rule == "cc_o_bc":
            return self.backend(edge, nm)
        if edge.rule == "ar_vmlinux.a" and INDEX_LIST in edge.inputs:  # 6.x has one without
            return self.archive(edge)
        return edge

    # --- for kernels whose makefiles do not know the mode ---

    def distribute(self) -> None:
        """Turn a graph that links bitcode in one process into the four stages (--thinlto=dist).

        The stages run what 7.2's makefiles would. Raises NinjagenError when the configuration
        has no ThinLTO, or the kernel no archive to put native objects into.
        """
        archive = self.graph.producer("vmlinux.a")
        if archive is None or not any(self.is_bitcode(path) for path in self.members("vmlinux.a")):
            raise NinjagenError(
                "--thinlto=dist needs a kernel that is built with ThinLTO",
                hint="set CONFIG_LTO_CLANG_THIN=y",
            )
        fixup = "built-in-fixup.a"
        if self.graph.producer(fixup) is None:
            # Up to 6.x vmlinux.a itself is the archive of what was compiled.
            self.graph.add(
                archive._replace(
                    outputs=(fixup,), text=archive.command.replace("vmlinux.a", fixup),
                    description=archive.description.replace("vmlinux.a", fixup),
                )
            )
        ar, ld, order, index = self.tools["AR"], self.tools["LD"], "builtin.order", INDEX_LIST
        self._add("builtin.order", order, (fixup,), f"{ar} t {fixup} > {order}", "GEN")
        self._add(
            "ld_thinlto_index", index, (order,),
            f"{ld} {self.tools['KBUILD_LDFLAGS']} -r --thinlto-index-only={index} @{order}", "LD",
        )
        for path in self.bitcode:
            native = path.removesuffix(".o") + NATIVE
            self._add(
                "cc_o_bc", native, (path, path + INDEX),
                f"{self.tools['CC']} {self.flags[path]} -x ir -fno-lto"
                " -Wno-unused-command-line-argument"
                f" -fthinlto-index={path}{INDEX} -c -o {native} {path}", "CC",
                self._symbol_versions(path, native),
            )
        text = (
            "rm -f vmlinux.a; while read -r obj; do if grep -Fqx ${obj} " + index + "; then"
            " echo ${obj%.o}" + NATIVE + "; else echo ${obj}; fi; done"
            f" < {order} | xargs {ar} cDPrS {self._thin_option()} vmlinux.a"
        )
        made = self.archive(self._edge("ar_vmlinux.a", "vmlinux.a", (order, index), text, "GEN"))
        self.graph.replace(
            "vmlinux.a",
            **{name: getattr(made, name) for name in (
                "rule", "text", "description", "inputs", "implicit", "order_only", "dyndep",
            )},
        )

    TOOLS = ("CC", "LD", "AR", "NM", "KBUILD_LDFLAGS")

    def _add(
        self, rule: str, target: str, inputs: tuple[str, ...], text: str, log: str, more: str = ""
    ) -> None:
        edge = self._edge(rule, target, inputs, text, log, more)
        self.graph.add(self.refine(edge, self.tools["NM"]))

    def _edge(
        self, rule: str, target: str, inputs: tuple[str, ...], text: str, log: str, more: str = ""
    ) -> Edge:
        directory, _, name = target.rpartition("/")
        return Edge(
            rule=rule,
            outputs=(target,),
            text=f"set -e; {text}; printf '%s\\n' 'savedcmd_{target} := {escape_saved(text)}'"
            f" > {directory or '.'}/.{name}.cmd{more}",
            description=f"{log:<7} {target}",
            inputs=inputs,
        )

    def _symbol_versions(self, path: str, native: str) -> str:
        """Give modpost the CRCs where it looks for them.

        It takes them from the `.cmd` file named for the archive's member (scripts/mod/modpost.c,
        extract_crcs_for_object); 7.2 taught it to leave `.thinlto-native` out of that name.
        """
        front = self.graph.producer(path)
        if not _has_versions(front):
            return ""
        saved, ours = (
            f"{directory or '.'}/.{name}.cmd"
            for directory, _, name in (path.rpartition("/"), native.rpartition("/"))
        )
        return f"; sed -n '/^#SYMVER /p' {saved} >> {ours}"

    def _thin_option(self) -> str:
        """Return how this archiver makes a thin archive: GNU ar before 2.38 knows only `T`."""
        return "--thin" if "llvm-ar" in self.tools["AR"] else "-T"

    def predicted_text(self) -> str:
        """Return the bitcode objects, a line each."""
        return "".join(path + "\n" for path in self.bitcode)


def _has_versions(front: Edge | None) -> bool:
    """Tell whether a compile writes the versions of exported symbols (CONFIG_MODVERSIONS)."""
    return front is not None and "__export_symbol_" in front.command


def saved_flags(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield (object, flags) that a compile saves for its back end (Makefile.lib, save_c_flags)."""
    for line in lines:
        if "saved_c_flags_" in line and (found := _SAVED_FLAGS.search(line)):
            yield os.path.normpath(found[1]), found[2].replace("'\\''", "'")
