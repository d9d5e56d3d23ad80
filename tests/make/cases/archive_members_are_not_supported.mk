#T oracle: none (archive members as targets are left out)
#T expect-error: case.mk:4: archive members
#T returncode: 2
test: lib.a(member.o)
	echo $%
