#T files: vp/b.c@30
VPATH = vp
test: b.c
	echo $^
b.c:: missing
	echo $@ $^
missing:
