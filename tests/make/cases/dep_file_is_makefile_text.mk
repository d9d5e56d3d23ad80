# What a compiler writes with -MD: prerequisites over several lines and empty rules for headers.
#T files: a.c a.h
#T file: a.d
#| a.o: a.c \
#|  a.h \
#|   missing.h
#| 
#| a.h:
#| 
#| missing.h:
-include a.d
test: a.o
%.o: %.c
	echo $@ $^
