"""One make process of the walk: what its targets come to, and the edges their recipes are."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from ninjagen.errors import NinjagenError
from ninjagen.graph import Edge
from ninjagen.kbuild import protocol, single
from ninjagen.kbuild.descent import Descents
from ninjagen.kbuild.lower import Lowering, Recipe, edge, may_keep
from ninjagen.kbuild.shelltext import mentions_make
from ninjagen.kbuild.thinlto import saved_flags
from ninjagen.kbuild.tree import git_directory
from ninjagen.kbuild.turned import Turned, turn
from ninjagen.kbuild.world import KernelWorld
from ninjagen.make.alike import Templates
from ninjagen.make.process import Process
from ninjagen.make.recipe import Command, Target, expand_recipe
from ninjagen.make.remake import Updater
from ninjagen.make.rules import File
from ninjagen.make.variables import Exporting, Origin, Variable

if TYPE_CHECKING:
    from ninjagen.kbuild.walk import Walk


class Instance:
    """One make process of the walk; the runner of its targets."""

    def __init__(
        self, walk: Walk, process: Process, before: tuple[str, ...], causes: tuple[str, ...]
    ) -> None:
        self.walk = walk
        self.process = process
        self.before = before
        self.causes = causes
        self.world: KernelWorld = process.evaluator.world  # type: ignore[assignment]
        self.cwd = self.world.cwd
        self.lowering = Lowering(
            walk.table.objtree, self.cwd, walk.scripts,
            unset=protocol.AUTO_CONF if walk.table.is_module else "",
        )
        self.descents = Descents(self)
        self.done: dict[str, tuple[str, ...]] = {}  # target -> the outputs it comes to
        self.made_here: set[str] = set()  # targets whose edge this process's own recipe is
        self.updater: Updater | None = None
        self.turned: Turned | None = None
        self.templates = Templates(process.evaluator, walk.experience)
        self.late_answers: list[str] = []  # in the recipe that is run: `$(...)`, for the shell
        self._makes = walk.table.makes
        self._environ: dict[str, str] | None = None
        self._environ_at = -1
        self._exported_of: Mapping[str, str] = {}  # the environment that these names are of
        self._exported_names: frozenset[str] = frozenset()

    @cached_property
    def label(self) -> str:
        """What to call this process in messages and group names, once its makefiles are read."""
        env = self.process.evaluator
        obj = env.variables.get("obj")
        if obj is not None and obj.origin is Origin.COMMAND_LINE:
            return env.value_of("obj")
        files = self.process.arguments.makefiles
        if self.cwd not in (self.walk.table.objtree, self.walk.table.kernel):
            return os.path.relpath(self.cwd, self.walk.table.srctree)
        return os.path.basename(files[-1]) if files else "Makefile"

    def describe(self) -> str:
        """Return the command line of this make, for messages."""
        arguments = self.process.arguments
        words = [f"-f {name}" for name in arguments.makefiles]
        words += [word for word in arguments.overrides.values() if word.startswith("obj=")]
        return f"while evaluating make {' '.join(words + arguments.goals)}".rstrip()

    def read(self) -> None:
        """Read the makefiles."""
        try:
            self.process.read()
            if not self.walk.single_suffixes:
                wanted = self.process.evaluator.value_of("single-targets")
                self.walk.offer(single.suffixes(wanted))
            for path, loc, optional in self.process.evaluator.missing_includes:
                if not optional and not self._is_made_later(path):
                    raise NinjagenError(f"{path}: No such file or directory", loc)
        except NinjagenError as error:
            error.trail.append(self.describe())
            raise

    def _is_made_later(self, path: str) -> bool:
        """An include that a rule makes (auto.conf) is no error while configuring."""
        return self.walk.only_configure or self.process.evaluator.database.files.get(
            path
        ) is not None

    def update_goals(self) -> tuple[str, ...]:
        """Update every goal; return the outputs they come to."""
        self.updater = Updater(self.process.evaluator, self, always=True)
        if self.walk.reports is not None:
            self.turned = turn(self)
        outputs: list[str] = []
        try:
            for goal in self.process.goals():
                file = self.updater.update_goal(goal)
                made = self.outputs_of(file)
                outputs += made
                if goal.endswith("/"):
                    self._name_directory(self.lowering.node(goal), made)
            if self.label == "Makefile":
                self._name_targets()
            if self.turned is not None:
                self.turned.end()
        except NinjagenError as error:
            error.trail.append(self.describe())
            raise
        return tuple(dict.fromkeys(outputs))

    def end(self) -> None:
        """Let go of what it holds: parts that name each other would stay in memory, thousands of
        processes of them, until the garbage collector finds them by looking at everything."""
        env = self.process.evaluator
        for each in (self.descents, self.updater, self.templates, env.rules, env):
            vars(each).clear()

    def _name_targets(self) -> None:
        """People build `prepare` or `modules`, whatever these come to."""
        files = self.process.evaluator.database.files
        for name, made in self.done.items():
            if made and files[name].is_phony and not set(name) & set("/:."):
                self.walk.name_target(name, made)
        listed = self.process.evaluator.value_of(protocol.AT_ONCE)
        if listed:
            self.walk.name_at_once(
                name for name, file in files.items()
                if file.is_phony and not name.startswith("_") and not set(name) & set("/:.")
                and name not in protocol.REMOVES_BUILD and protocol.is_at_once(name, listed)
            )

    def _name_directory(self, directory: str, made: tuple[str, ...]) -> None:
        walk = self.walk
        if directory != "." and not directory.startswith("/"):
            walk.fill_directory(directory, made)
        database = self.process.evaluator.database
        if not database.has_unread_patterns:  # else nothing was made by one
            walk.add_siblings(single.siblings(database, walk.single_suffixes))

    # --- what a target comes to ---

    def outputs_of(self, file: File) -> tuple[str, ...]:
        """Return the outputs that are there once a target is done."""
        known = self.done.get(file.name)
        if known is not None:
            return known
        self.done[file.name] = ()  # a cycle ends here
        own = self.own_output(file)
        if own is not None and file.name in self.made_here:
            outputs: tuple[str, ...] = (own,)
        else:
            # An alias of what another make made: its prerequisites say what else that make does.
            outputs = self._prerequisite_outputs(file)
            if own is not None:
                outputs = self._group(file.name, ".alias", (own, *outputs))
        self.done[file.name] = outputs
        return outputs

    def own_output(self, file: File) -> str | None:
        """Return the path that an edge makes for this target, if one does."""
        if file.is_phony:
            return None
        node = self.lowering.node(file.path or file.name)
        return node if self._makes(node) else None

    def _prerequisite_outputs(self, file: File) -> tuple[str, ...]:
        files = self.process.evaluator.database.files
        outputs: list[str] = []
        for prerequisite in file.prerequisites:
            outputs += self.outputs_of(files[prerequisite.name])
        return self._group(file.name, ".prerequisites", outputs)

    def _group(self, name: str, kind: str, members: Sequence[str]) -> tuple[str, ...]:
        """Return some outputs as one: themselves if they are few, else a phony name for them."""
        if len(members) <= 1:
            return tuple(members)
        return self.walk.group(self.group_name(name) + kind, members)

    def group_name(self, name: str) -> str:
        """Return a phony name for a target of this process; the top Makefile's stay plain."""
        name = name.rstrip("/")
        # The root is a directory, and its label may be a file of an in-tree build.
        is_plain = self.label == "Makefile" and name not in ("", ".")
        return name if is_plain else f"{self.label}:{name or '.'}"

    # --- running a target ---

    def run(self, target: Target) -> bool:
        """Record what a target's recipe would do."""
        if self.world.full(target.name) in self.walk.table.given:
            return False  # ninjagen made it before the walk
        try:
            if self.turned is not None and target.name in self.turned.names:
                self.turned.run(target)
            else:
                self.do(target)
        except NinjagenError as error:
            error.trail.append(f"for target {target.name} ({target.recipe.loc})")
            raise
        return True

    def do(self, target: Target) -> None:
        """Record what a target's recipe would do, now."""
        recipe = self._recipe_unexpanded(target)
        if recipe is not None:
            self._record(target, recipe, [], list(self._prerequisite_outputs(target.file)))
        else:
            self._run(target, self._expand(target))

    def _recipe_unexpanded(self, target: Target) -> Recipe | None:
        """Return the recipe of a target that an edge makes, from a template, or of one that `;`
        makes, as auto.conf.cmd says of 1,700 files, or `@:`, as each directory's; None if it has
        to be expanded by itself."""
        if self.walk.only_configure:
            return None
        if all([line.text.lstrip("@+- \t") in ("", ":") for line in target.recipe.lines]):
            return _NOTHING
        if target.file.is_phony:
            return None
        likeness = self.templates.find(target)
        return likeness and self.lowering.recipe_like(likeness, target.recipe)

    def _expand(self, target: Target) -> list[Command]:
        self.world.in_recipe = True
        self.late_answers = self.world.late_answers = []
        try:
            return expand_recipe(self.process.evaluator, target)
        finally:
            self.world.in_recipe = False

    def _run(self, target: Target, commands: list[Command]) -> None:
        walk = self.walk
        waits = list(self._prerequisite_outputs(target.file))
        made: list[str] = []  # by sub-makes of earlier lines
        shell_lines: list[Command] = []
        mentions = [mentions_make(command.text) for command in commands]
        for at, command in enumerate(commands):
            if any(mentions[at + 1 :]) and (link := _LINK.fullmatch(command.text.strip())):
                made += self._add_link(target, link, command, [*self.before, *waits, *made])
                continue
            simple = self.descents.simple_commands(command) if mentions[at] else []
            if not any(words[0] == "make" for _, words, _ in simple):
                if walk.only_configure and target.name.endswith(protocol.CONFIGURATION):
                    text = protocol.MARKER.sub("", command.text).strip()
                    walk.run_aloud(
                        f"{text} || true" if command.ignores_errors else text, self.cwd,
                        self.environment(target), target.name, target.recipe.loc,
                    )
                elif not self._makes_directories(command):
                    shell_lines.append(command)
                continue
            descents = self.descents.of(simple, target)
            if descents is None:
                shell_lines.append(self.descents.inlined(command, target))
                continue
            for arguments, environ, cwd in descents:
                before = self._group(target.name, ".before", [*self.before, *waits, *made])
                made += self.descents.descend(arguments, environ, cwd, before)
        name = target.name
        if (
            self.lowering.node(name) in protocol.RUN_WHEN_GENERATING
            and target.file.is_phony
            and self.cwd == walk.table.objtree
        ):
            self.run_now(target, shell_lines)
            self.done[name] = self._group(name, "", [*made, *waits])
            return
        if walk.only_configure:
            return
        recipe = self.lowering.recipe(name, target.recipe, shell_lines, self.late_answers)
        self._record(target, recipe, made, waits)

    def _record(self, target: Target, recipe: Recipe, made: list[str], waits: list[str]) -> None:
        """Add the edge of a recipe, and note what its target comes to: that, what sub-makes have
        `made`, and what had to be there first."""
        name = target.name
        if recipe.lines:
            made += self._add_edge(target, recipe, made)
        own = self.own_output(target.file)
        if own is None or name not in self.made_here:
            # Made by sub-makes, all of whose goals have to be there before anything goes on.
            outputs = [*([own] if own else []), *made, *waits]
            self.done[name] = self._group(name, ".alias" if own else "", outputs)

    def _add_link(
        self, target: Target, found: re.Match[str], command: Command, before: list[str]
    ) -> tuple[str, ...]:
        """Make a symbolic link by an edge of its own: a later line's make looks for the file."""
        if self.walk.only_configure:
            return ()
        options, source, link = found.groups()
        if link.endswith("/") or self.walk.table.made(self.world.full(link)) == 1:
            link = os.path.join(link, os.path.basename(source))
        output = self.lowering.node(link)
        # What the link leads to is as new as itself for who reads through it.
        source = self.lowering.node(os.path.join(os.path.dirname(link), source))
        follows = "f" in options and self.walk.makes(source)
        recipe = self.lowering.recipe(target.name, target.recipe, [command])
        environ = self.environment(target)
        text = self.lowering.text(recipe, target.name, environ, self._exported(environ))
        self.walk.add_edge(
            Edge(
                "symlink", (output,), text, f"LN      {output}", loc=command.loc,
                inputs=(source,) if follows else (),
                order_only=self._group(target.name, ".before", [
                    name for name in dict.fromkeys(before) if name != source or not follows
                ]),
            ), self.process.evaluator.value_of("NM"),
        )
        return (output,)

    def _makes_directories(self, command: Command) -> bool:
        """Do a plain `mkdir -p` at once: later makefiles look for the directory."""
        text = command.text.strip()
        if not text.startswith("mkdir -p ") or any(c in text for c in ";&|<>$`"):
            return False
        self.world.make_directories(shlex.split(text)[2:])
        return True

    def _stamp(self, target: Target) -> str:
        name = self.lowering.node(target.name) if not target.file.is_phony else target.name
        flat = self.group_name(name).replace("%", "%25").replace("/", "%2F")
        return f".ninjagen/stamps/{flat}"

    def run_now(self, target: Target, commands: list[Command]) -> None:
        """Run a recipe that prepares the object tree."""
        environ = self.environment(target)
        for command in commands:
            text = protocol.MARKER.sub("", command.text)
            for word in text.split():
                if word.startswith(self.walk.table.srctree + "/"):
                    self.walk.table.exists(word)  # asked for, so that the stamp knows
            self.walk.run(text, self.cwd, environ, target.name, target.recipe.loc)

    # --- edges ---

    def _add_edge(self, target: Target, recipe: Recipe, made: list[str]) -> list[str]:
        """Add the edge of a recipe; return the stamp that it makes, if it makes no file."""
        walk = self.walk
        node = self.lowering.node
        outputs = [node(target.name), *(node(name) for name in target.file.also_makes)]
        produced = walk.makes(outputs[0])
        # A target nobody declared phony may be none the less: what it names is no product.
        is_alias = (
            target.file.is_phony
            or outputs[0].startswith("/")
            or (produced and outputs[0] in made)
        )
        if is_alias:
            outputs = [self._stamp(target)]
            recipe.makes_stamp = True
        if not recipe.rule or recipe.rule == "recipe":
            recipe.rule = "check" if is_alias else "recipe"
        environ = self.environment(target)
        inputs, order_only = self._inputs(target)
        runs = [node(path) for path in recipe.scripts]
        runs += [path for path in recipe.programs if walk.makes(path)]
        inputs += [path for path in runs if protocol.concerns(path)]
        inputs += filter(None, map(self._existing_node, recipe.prerequisites))
        matched = self._force_inputs(recipe.rule) + self._listed_products(recipe.rule)
        inputs += matched
        script_products = self.descents.of_scripts(target, recipe, environ, inputs, order_only)
        inputs += script_products
        if self.causes and self._always_runs(target, recipe):
            inputs += self.causes
        undeclared = self._undeclared(target, recipe)
        keeps_same = may_keep(recipe, [*outputs, *undeclared])
        text = self.lowering.text(
            recipe, target.name, environ, self._exported(environ),
            is_followed=is_alias or (not recipe.saved and keeps_same),
        )
        if is_alias:
            text += f" && mkdir -p .ninjagen/stamps && : > {shlex.quote(outputs[0])}"
        own = set(outputs)
        lowered = edge(
            recipe, outputs, text,
            inputs=tuple(dict.fromkeys([path for path in inputs if path not in own])),
            order_only=self._group(target.name, ".before", [
                n for n in dict.fromkeys([*self.before, *order_only, *made]) if n not in own
            ]),
            implicit_outputs=tuple(undeclared),
            keeps_same=keeps_same,
            depfile=node(recipe.depfile) if recipe.depfile else "",
            # A name that is gone is no newer input; ninja counts the list as a part of the command.
            rspfile=f".ninjagen/{outputs[0].replace('/', '-')}.rsp" if matched else "",
            listing=node(recipe.input_list) if recipe.input_list else "",
            cwd="" if self.cwd == walk.table.objtree else self.cwd,
            loc=target.recipe.loc,
        )
        self._note_for_thinlto(target, recipe, outputs[0])
        walk.add_edge(lowered, self.process.evaluator.value_of("NM"))
        self.made_here.add(target.name)
        return outputs if is_alias else []

    def _note_for_thinlto(self, target: Target, recipe: Recipe, output: str) -> None:
        walk, env = self.walk, self.process.evaluator
        for name, flags in saved_flags(recipe.lines):
            walk.save_flags(name, flags)
        if not walk.thinlto.is_ours:
            return
        if recipe.rule == "cc_o_c":
            # scripts/Makefile.lib of 7.2, saved_c_flags
            with env.scope(target.local()):
                walk.save_flags(output, env.expand("$(_c_flags) $(modkern_cflags)"))
        elif output == "vmlinux.a":
            walk.name_tools({name: env.value_of(name) for name in walk.thinlto.TOOLS})

    def _always_runs(self, target: Target, recipe: Recipe) -> bool:
        """kbuild runs filechk of a target with FORCE every time its make runs."""
        return recipe.replaces_itself and any(
            p.name == "FORCE" for p in target.file.prerequisites
        )

    def _inputs(self, target: Target) -> tuple[list[str], list[str]]:
        """Return (inputs, order-only inputs) of a target's edge."""
        files = self.process.evaluator.database.files
        inputs: list[str] = []
        order_only: list[str] = []
        for prerequisite in target.file.prerequisites:
            file = files[prerequisite.name]
            node = None if file.is_phony else self._file_node(file)
            if node is not None and not prerequisite.order_only:
                inputs.append(node)
            if made := self.outputs_of(file):
                order_only += [path for path in made if path != node]
            if node is not None and prerequisite.order_only:
                order_only.append(node)
        return inputs, order_only

    def _file_node(self, file: File) -> str | None:
        """Return the graph's name of a file that exists or is made; None for anything else."""
        return self._existing_node(file.path or file.name)

    def _existing_node(self, path: str) -> str | None:
        node = self.lowering.node(path)
        full = self.world.full(path)
        table = self.walk.table
        if table.is_product(full):
            return node
        if full in table.product_directories:
            return None
        if table.exists(full) and not os.path.isdir(full):
            return node
        return None

    def _force_inputs(self, rule: str) -> list[str]:
        found: list[str] = []
        table = self.walk.table
        for pattern in protocol.FORCE_INPUTS.get(rule, ()):
            if pattern.startswith(".git/"):
                found += table.glob(git_directory(table.srctree) + pattern.removeprefix(".git"))
                continue
            for base in (table.objtree, table.srctree):
                found += table.glob(os.path.join(base, pattern))
        return [self.lowering.node(path) for path in found]

    def _listed_products(self, rule: str) -> list[str]:
        return [
            path for pattern in protocol.LISTS_PRODUCTS.get(rule, ())
            for path in self.walk.products_like(pattern)
        ]

    def _undeclared(self, target: Target, recipe: Recipe) -> list[str]:
        rows = protocol.undeclared(recipe.rule)
        if not rows:
            return []
        node = self.lowering.node(target.name)
        directory, _, name = node.rpartition("/")
        stem = name.rpartition(".")[0]
        words = {"target": node, "dir": directory or ".", "name": name, "stem": stem}
        found = []
        for row in rows:
            when = row.when.format_map(words)
            text = "\n".join(recipe.lines)
            order = re.search(row.order, text)
            if when not in text or order is None:
                continue
            if row.option and not self.process.evaluator.value_of(row.option):
                continue
            for output in row.outputs:
                modules = self.walk.modules(order[1]) if row.order else [""]
                found += [
                    os.path.normpath(output.format(**words, module=self.lowering.node(module)))
                    for module in modules
                ]
        return list(dict.fromkeys(found))

    # --- environment ---

    def environment(self, target: Target) -> dict[str, str]:
        """Return the environment of a target's recipe."""
        variables = self.process.evaluator.variables
        for name, variable in target.scope.items():
            if not isinstance(variable, Variable):
                continue
            below = variables.get(name)
            if variable.export is Exporting.YES or (
                below is not None and below.export is Exporting.YES
            ):
                return self.process.environment(target.scope)
        evaluator = self.process.evaluator
        if self._environ is None or self._environ_at != evaluator.changes:
            self._environ = self.process.environment()
            self._environ_at = evaluator.changes
            self.walk.set_locale({
                name: self._environ[name] for name in _locale_names(tuple(self._environ))
                if variables[name].loc is not None
            })
            self.walk.unexport(
                name for name in evaluator.hidden
                if (held := variables.get(name)) is not None
                and held.export is Exporting.NO
                and held.origin is not Origin.OVERRIDE
                and name != "SHELL"  # make hands on the user's own (manual 5.3.2)
            )
        return self._environ

    def _exported(self, environ: Mapping[str, str]) -> frozenset[str]:
        """Return the names that kbuild's makefiles export: not the user's whole environment."""
        if environ is not self._exported_of:
            variables = self.process.evaluator.variables
            self._exported_of = environ
            self._exported_names = frozenset(environ).difference([
                name for name in _users_names(tuple(environ))
                if name not in variables or variables[name].origin is Origin.ENVIRONMENT
            ])
        return self._exported_names


@lru_cache(maxsize=16)  # hardly a make has names of its own in its environment
def _locale_names(names: tuple[str, ...]) -> list[str]:
    return [name for name in names if name.startswith("LC_")]


@lru_cache(maxsize=16)
def _users_names(names: tuple[str, ...]) -> list[str]:
    return [name for name in names if protocol.is_users(name)]


_NOTHING = Recipe()
# `ln -s`: options, what it leads to, the link or a directory for it
_LINK = re.compile(r"ln -([sfn]*s[fn]*) ([\w.+/][\w.+/-]*) ([\w.+/][\w.+/-]*)")
