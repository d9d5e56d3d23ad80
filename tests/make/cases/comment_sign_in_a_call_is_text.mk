A := $(subst a,#,a) ${if 1,x#y} $(B#) # comment
$(info [$(A)])
test:
