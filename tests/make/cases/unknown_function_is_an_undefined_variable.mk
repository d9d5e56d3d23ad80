# kbuild tests `$(intcmp ...)` this way: what is no function is a name with blanks in it.
$(info [$(nosuchfunction a,b,c)] [$(intcmpx 1,0,,,y)])
test:
