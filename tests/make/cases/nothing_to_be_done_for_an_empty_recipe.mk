test: ;
test2: a
a: ;
