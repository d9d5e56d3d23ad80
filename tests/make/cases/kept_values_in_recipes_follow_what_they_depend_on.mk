# One value for each thing it may depend on: the target, a loop, a call's arguments, an outer call's.
show = <$@ $(1) $(word)>
twice = $(show) $(show) $(call show,in) $(foreach word,a b,$(show))
outer = $(call inner,$(1)2) $(1)
inner = $(show)
plain = $(flags) $(flags)
flags = -$(notdir $@)
test: d/one d/two
d/one: own = 1
d/%: ; echo $(twice) $(call outer,x) $(call outer,y) $(plain) $(call show,$(own)) $(own)
	echo $(twice) $(foreach word,c,$(call outer,$(word))) $(show)
