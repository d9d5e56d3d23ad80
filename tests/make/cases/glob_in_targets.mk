#T files: a.t b.t
#T goals: a.t b.t
.PHONY: a.t b.t
*.t:
	echo make $@
