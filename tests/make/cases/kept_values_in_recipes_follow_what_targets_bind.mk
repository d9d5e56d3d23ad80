# What is remembered from one target's recipe does not hold for one that binds a name of it.
show = <$(own) $(call inner,$(1)) $(own:%.o=%)>
inner = $(own) $(1) $(other)
other = $(deep)
loop = $(foreach word,a b,$(call inner,$(word)))
test: one two three four five six
own = global.o
two: own = two.o
three: deep = 3
three: own +=
four: own :=
five: private own = 5
six: other += $(own) six
one two three four five six: ; echo $(show) $(call show,$(deep)) $(loop)
