A = global
%.o: A = object
%: B = any
test: a.o b.x
a.o b.x:
	echo $@ $(A) $(B)
