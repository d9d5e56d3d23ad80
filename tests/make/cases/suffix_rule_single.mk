#T files: a.sh
.SUFFIXES: .sh
test: a
.sh:
	echo $@ $< $*
