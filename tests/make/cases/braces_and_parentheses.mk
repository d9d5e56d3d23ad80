# kbuild: `${X}` in a recipe is make's, the shell never sees it.
A = x
$(info ${A} $(A) ${A:x=y} $(subst x,{,$(A)))
$(info $(if 1,{a) ${if 1,[b}])
B := ${subst x,),$(A)} ${if 1,(b}
$(info $(B))
test:
	echo ${A} $${A}
