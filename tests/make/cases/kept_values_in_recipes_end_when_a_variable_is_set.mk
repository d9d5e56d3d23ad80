# $(eval) in the middle of a recipe; a counter; what a function sets and reads.
n =
count = $(eval n += x)$(words $(n))
read = $(words $(n)) $(value n)
pure = $(n)
test: one two
one two: ; echo $(pure) $(count) $(count) $(read) $(pure)
	echo $(call count) $(call count) $(read) $(pure)
	echo $(pure)$(eval undefine n)$(pure) $(origin n)
