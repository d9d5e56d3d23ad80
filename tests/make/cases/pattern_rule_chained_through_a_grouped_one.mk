#T files: d/foo.asn1
test: d/foo.asn1.o
%.o: %.c
	echo $@ $<
d/%.asn1.c d/%.asn1.h: d/%.asn1
	echo $@ $< $*
