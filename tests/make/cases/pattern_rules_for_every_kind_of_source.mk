#T files: d/foo.dts d/scan.l d/asm.S
test: d/foo.dtb.o d/scan.lex.o d/asm.o
%.dtb: %.dts
	echo DTC $@ $<
%.dtb.S: %.dtb
	echo WRAP $@ $<
%.lex.c: %.l
	echo LEX $@ $<
%.o: %.S
	echo AS $@ $<
%.o: %.c
	echo CC $@ $<
