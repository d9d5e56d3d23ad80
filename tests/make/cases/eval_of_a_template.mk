# Two levels of `$`: one for call, one for eval.
define template
$(1)_objs := $$(filter $(1)%,$$(all))
$(1): $$($(1)_objs)
	echo $$@ $(1) $$^
endef
all = foo1 bar1 foo2
$(foreach p,foo bar,$(eval $(call template,$(p))))
test: foo bar
foo1 foo2 bar1:
