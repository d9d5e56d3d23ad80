test: a%.o ab.o
a\%.o: ; echo literal $@
ab.o: ; echo other $@
