"""Targets that are alike but for a part of their names get what each would get by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
import random_makefiles

from ninjagen.make import driver
from ninjagen.make.alike import MARK, PARTS, SLACK, Likeness, Templates, parts_of

NAMES = (
    "a", "b", "foo", "b-c", "b-d", "b_c", "a.b", "x.tar", "m", "y", "sort", "do", "exit", "make",
    "sub/a", "sub/b", "sub/b-c", "sub/x.y/a", "sub/../a", "./a", "-a", "a-", "a--b", "a+b", "1",
    "q-r-s-t-u-v-w-x-y", "a1", "v0", "B", "é",
)
STEMS = ["$@", "$<", "$^", "$*", "$(@F)", "$(@D)", "$(<F)", "$(*F)", "$(basename $(notdir $@))",
         "$(*D)", "$|", "$?"]  # fmt: skip


class Generator(random_makefiles.Generator):
    """Makefiles with many targets of one rule, whose recipe looks at their names."""

    def reference(self, depth: int) -> str:
        choice = self.random.random()
        stem = self.random.choice(STEMS)
        if choice < 0.5:
            return stem
        if choice < 0.6:
            old, new = self.random.choice(
                [(".o", ".c"), ("%.o", "%"), ("a", "z"), ("s%", "t%"), ("%", "x%"), ("a.o", "w")]
            )
            return f"$(@:{old}={new})"
        if choice < 0.75:
            text = self.random.choice(["v_{}", "v{}", "{}_v", "{}", "{}-y", "CFLAGS_{}.o"])
            return f"$({text.format(stem)})"
        return super().reference(depth)

    def pattern(self) -> str:
        if self.chance(0.4):
            return self.random.choice([*STEMS, "a.o b-c.o", "sub/%", "%.o", "b%", "$*.o", "a b m"])
        return super().pattern()

    def f_call(self, depth: int) -> str:
        if self.chance(0.6):
            return f"call f2,{self.random.choice(STEMS)},{self.random.choice(STEMS)}"
        return super().f_call(depth)

    def f_findstring(self, depth: int) -> str:
        return f"findstring {self.random.choice(STEMS)},{self.argument(depth)}"

    def f_filter(self, depth: int) -> str:
        if self.chance(0.5):
            function = self.random.choice(["filter", "filter-out"])
            many = " ".join(self.random.choices([f"{name}.o" for name in NAMES], k=8))
            both = [many, self.random.choice(["$@", "$*.o", "$(@F)", "$(@F) a.o z.o"])]
            self.random.shuffle(both)
            return f"{function} {','.join(both)}"
        return super().f_filter(depth)

    def f_one(self, depth: int) -> str:
        function = self.random.choice(
            ["strip", "sort", "words", "firstword", "lastword", "dir", "notdir", "suffix",
             "basename", "basename", "notdir"]
        )  # fmt: skip
        return f"{function} {self.argument(depth)}"

    def f_about(self, depth: int) -> str:
        return super().f_about(depth) if self.chance(0.02) else self.f_if(depth)

    def f_eval(self, depth: int) -> str:
        return super().f_eval(depth) if self.chance(0.02) else self.f_foreach(depth)

    def f_subst(self, depth: int) -> str:
        old = self.random.choice(["-", "_", "/", ".", "a", "o", "$*", "-b", "", "b-"])
        return f"subst {old},{self.random.choice(['_', '', ':', '$*'])},{self.argument(depth)}"

    def makefile(self) -> str:
        wanted = [f"{name}.o" for name in NAMES]
        self.random.shuffle(wanted)
        lines = [
            "v_a = of-a", "vb = $(v0) of b", "CFLAGS_foo.o = -DFOO", "b-c-y := x.o z.o", "a_v = $*",
            "v0 = $(or $($*),none) $(call f0,$*,x)", "v1 := simple", "v2 = $(foreach m,a b $*,$m.)",
            "A = $*", "one = 1", f"f0 = {self.text(2)}", f"f1 = $1 {self.text(1)} $2",
            "f2 = $(foreach s,-y _v,$(or $($(1:%.o=%$s)),$(v$1),$(v_$(notdir $2)),$1))",
            f"all: {' '.join(wanted)}", "FORCE:",
            self.random.choice(["%.o: %.c FORCE", "%.o: FORCE", f"{' '.join(wanted)}: %.o: %.c"]),
        ]
        lines += [f"\t@echo '{self.text(3)}'" for _ in range(self.random.randint(1, 3))]
        lines += ["%.c:"]
        if self.chance(0.3):
            lines += ["foo.o b.o: v1 = own", "a.o: v1 += more", "sub/a.o: private v0 = hidden"]
        return "\n".join(line.replace("\\\n", " ") for line in lines) + "\n"


def told(text: str, place: Path) -> list[str]:
    (place / "Makefile").write_text(text)
    said: list[str] = []
    try:
        driver.main(["-rRnk"], str(place), {}, said.append, said.append)
    except Exception as error:  # the same one, both times
        said.append(repr(error))
    return said


def counted(monkeypatch) -> list[Likeness | None]:
    found: list[Likeness | None] = []
    find = Templates.find
    monkeypatch.setattr(
        Templates, "find", lambda self, target: found.append(find(self, target)) or found[-1]
    )
    return found


def test_random_recipes_are_the_same_as_one_by_one(tmp_path: Path, monkeypatch):
    found = counted(monkeypatch)
    used = 0
    for seed in range(150):
        text = Generator(seed).makefile()
        found.clear()
        alike = told(text, tmp_path)
        used += len(found) - found.count(None) > len({id(each.template) for each in found if each})
        with monkeypatch.context() as alone:
            alone.setattr(Templates, "find", lambda self, target: None)
            assert told(text, tmp_path) == alike, f"seed {seed}\n{text}"
        assert MARK not in "".join(alike)
    assert used > 40  # a template was of use for more than the target it was made for


COMPILE = """
obj-m := foo.o bar.o
foo-y := a.o b.o c.o
bar-y := d.o e-f.o
CFLAGS_c.o := -DC
CFLAGS_REMOVE_b.o := -pg
space := $(empty) $(empty)
modname = $(or $(strip $(foreach m,$(obj-m:.o=),$(if $(filter $*.o,$($m-y)),$m))),$*)
fix = $(subst -,_,$1)
flags = $(filter-out $(CFLAGS_REMOVE_$*.o),-pg -O2) $(CFLAGS_$*.o)
all: a.o b.o c.o d.o e-f.o g.o h.o i-j.o k-l.o
%.o: %.c
	cc $(flags) -DMOD=$(call fix,$(modname)) -DBASE=$(call fix,$(basename $(notdir $@))) -o $@ $<
%.c: ;
"""


def test_a_template_serves_those_that_the_same_holds_for(tmp_path: Path, monkeypatch):
    found = counted(monkeypatch)
    said = told(COMPILE, tmp_path)
    for flags, name in (
        ("-pg -O2  -DMOD=foo -DBASE=a", "a"), ("-O2  -DMOD=foo -DBASE=b", "b"),
        ("-pg -O2 -DC -DMOD=foo -DBASE=c", "c"), ("-pg -O2  -DMOD=bar -DBASE=e_f", "e-f"),
        ("-pg -O2  -DMOD=g -DBASE=g", "g"), ("-pg -O2  -DMOD=k_l -DBASE=k_l", "k-l"),
    ):
        assert f"cc {flags} -o {name}.o {name}.c" in "".join(said)
    templates = {each.parts.base: each.template for each in found if each}
    assert templates.keys() == {"a", "d", "e-f", "g", "h", "i-j", "k-l"}  # b, c: own variables
    assert templates["g"] is templates["h"]
    assert templates["i-j"] is templates["k-l"]
    assert len({id(template) for template in templates.values()}) == 5


@pytest.mark.parametrize("recipe", [
    "$(shell echo $* >> log)", "$(info $*)", "$(eval x := $*)", "$(wildcard $*.c)", "$(error $*)",
    "$(call sort,$*)", "$(call $*,x)", "$(origin $*)", "$(abspath $@)",
])  # fmt: skip
def test_what_does_more_than_expand_to_text_is_done_once_for_each(recipe, tmp_path, monkeypatch):
    (tmp_path / "log").unlink(missing_ok=True)
    found = counted(monkeypatch)
    said = "".join(told(f"all: a.o b.o\n%.o: %.c\n\techo {recipe}$@\n%.c: ;\n", tmp_path))
    assert found and not any(found)
    assert MARK not in said
    if "log" in recipe:
        assert (tmp_path / "log").read_text().split() == ["a", "b"]


@pytest.mark.parametrize(
    "stem", ["if", "a.b", "a b", "", "-", "a--b", "a/../b", "/abs/a", "é", "-a/b"]
)
def test_names_that_a_shell_or_a_path_may_take_otherwise_have_no_parts(stem):
    assert parts_of(stem) is None


@pytest.mark.parametrize("text", [f"a {MARK} %", f"%s {MARK[1:]}", f"100% {PARTS[7]}", "%(x)s"])
def test_texts_without_stand_ins_of_the_target_stay(text):
    parts = parts_of("sub/a")
    assert parts.real(text) == text
    assert parts.real(f"{text} {parts.disguise}%s") == f"{text} a%s"


@pytest.mark.parametrize("stem", ["fork", "dir/fork", "a-b/c.d/e-f-g", "0"])
def test_parts_give_a_name_back(stem):
    parts = parts_of(stem)
    names = f"{stem}.o /src/{stem}.c x/{stem} other.h x{stem}.o FORCE"
    disguised = parts.disguised(names)
    assert disguised.count(MARK) >= 3
    assert parts.real(disguised) == names


@pytest.mark.parametrize("text", [
    # a variable that a target adds to has what those that need the target have
    "v = global\nall: p q r s e.o f.o\np: v = 1\nq: v = 2\np: a.o\nq: b.o\nr: c.o\ns: d.o\n"
    "a.o b.o c.o d.o: v += x\n%.o: %.c\n\techo $(v) $@\np q r s: ; echo $@\n",
    # a variable is set between two targets
    "v = 1\nall: a.o b.o x c.o d.o\n%.o: %.c\n\techo $(v) $($*) $@\nx: ; $(eval v = 2)echo x\n",
    # one target's own variables are not another's
    "all: a.o b.o c.o\na.o: v = 1\nb.o: v = 2\nc.o: v := 2\n%.o: %.c\n\techo $(v)$(flavor v) $@\n",
    # how often it is in a list
    "all: a.o b.o c.o d.o\n%.o: %.c\n\techo $(filter $@,a.o b.o a.o c.o) $@\n",
    # prerequisites of its own
    "all: a.o b.o c.o\na.o: x.h\n%.o: %.c\n\techo $^ $@\nx.h: ;\n",
    # a prerequisite of all that has the name of one of them
    "all: a.o b.o c.o\na.o b.o c.o: b.x\n%.o: %.c\n"
    "\techo $^ $(filter $*.x,$^) $(filter b.x,$^) $(filter-out $*.x,$^) $(sort $*.x $^) $@\n"
    "b.x: ;\n",
])  # fmt: skip
def test_what_tells_targets_apart(text, tmp_path, monkeypatch):
    text += "%.c: ;\n"
    found = counted(monkeypatch)
    alike = told(text, tmp_path)
    assert any(found)
    with monkeypatch.context() as alone:
        alone.setattr(Templates, "find", lambda self, target: None)
        assert told(text, tmp_path) == alike


def test_what_a_call_looks_up_holds_for_no_other(tmp_path, monkeypatch):
    """As kbuild's real-search: it calls a function with the stem, which looks up variables."""
    counted(monkeypatch)
    said = told(
        "all: a.mod b.mod h.mod c-d.mod e-f.mod g.mod\na-y = a1.o\nb-y = b1.o\nh-y = h1.o\n"
        "c-d-y = c1.o\n"
        "search = $(strip $(foreach s,-objs -y,$($(1:%.o=%$s))))\n"
        "real = $(foreach m,$1,$(or $(call search,$m),$m))\n"
        "%.mod:\n\techo $(call real,$*.o) > $@\n", tmp_path,
    )
    assert said == [
        "echo a1.o > a.mod", "echo b1.o > b.mod", "echo h1.o > h.mod", "echo c1.o > c-d.mod",
        "echo e-f.o > e-f.mod", "echo g.o > g.mod",
    ]


@pytest.mark.parametrize("text", [
    "$(subst /,_,$@)", "$(subst -,_,$@)", "$(subst .,_,$@)", "$(notdir $(patsubst %/,%,$(dir $@)))",
    "$(basename $(*D))", "$(suffix $(*D))", "$(dir $(*D))", "$(notdir $(*D))", "$(*D:%/a=%)",
])  # fmt: skip
def test_directories_have_parts_that_functions_look_at(text, tmp_path, monkeypatch):
    names = "d-1/x.y/a.o e/b.o e/f/a/b.o e/b-c.o e-f/g.h/b-c.o"
    makefile = f"all: {names}\n%.o: %.c\n\techo $* {text} $@\n%.c: ;\n"
    alike = told(makefile, tmp_path)
    monkeypatch.setattr(Templates, "find", lambda self, target: None)
    assert told(makefile, tmp_path) == alike


def made(monkeypatch) -> list[str]:
    names: list[str] = []
    make = Templates._made
    monkeypatch.setattr(
        Templates, "_made",
        lambda self, target, *args: names.append(target.name) or make(self, target, *args),
    )
    return names


def test_no_template_is_made_for_targets_that_have_no_like(tmp_path, monkeypatch):
    """As of modules of several objects: each has others."""
    names = made(monkeypatch)
    targets = [f"t{number}" for number in range(60)]
    rules = "".join(f"{name}.o: {name}x.h\n" for name in targets)
    likes = [f"like{number}.o" for number in range(9)]
    said = told(
        f"all: {' '.join(f'{name}.o' for name in targets)} {' '.join(likes)}\n{rules}"
        "%.o: %.c\n\techo $^ $@\n%.c %.h: ;\n", tmp_path,
    )
    assert "echo like8.c like8.o" in said
    assert names == [*(f"{name}.o" for name in targets[:SLACK]), likes[1]]


def test_no_template_is_made_for_a_target_with_a_variable_that_others_lack(tmp_path, monkeypatch):
    """As of the lists of what is in a module: foo-y is a variable, or there is no such list."""
    names = made(monkeypatch)
    lists = "".join(f"m{number}-y = {number}.o\n" for number in range(20))
    targets = " ".join(f"m{number}.mod" for number in range(22))
    said = told(f"{lists}all: {targets}\n%.mod:\n\techo $($*-y) > $@\n", tmp_path)
    assert said[-3:] == ["echo 19.o > m19.mod", "echo  > m20.mod", "echo  > m21.mod"]
    assert names == ["m0.mod", "m20.mod"]
