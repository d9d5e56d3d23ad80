#T goals: test
#T returncode: 2
#T files: vp/s0=1
VPATH = vp
test: t4
t1: t4 vp/s2
t4: s0 o
	:
o: s2 t1
-include t1
