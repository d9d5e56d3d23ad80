#T files: a.c b.c
A = *.c
B := $(A)
test: $(A)
	echo '$(A)' '$(B)' $^
