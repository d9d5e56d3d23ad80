# What a recipe makes is as old as the disk says: nothing later is made twice, or not at all.
#T files: in=1 there=1
test: out.b sub/c there.copy empty
	cat out.b sub/c there.copy
out.b: out.a
	sed s/1/2/ $< > $@; echo $? >> $@
out.a: in
	cp $< $@
sub/c: | sub
	echo $(wildcard sub) > $@
sub:
	mkdir $@
there.copy: there in
	cp $? .  2>/dev/null || cp $< $@
empty: ;
again: test
	@test -e out.a && echo $?
