# A variable that holds a reference to nothing is defined; one that holds no text is not.
E =
A = $(E)
B := $(E)
ifdef A
$(info A)
endif
ifdef B
$(info B)
else
$(info not B)
endif
ifdef E
$(info E)
endif
ifndef NOPE
$(info not NOPE)
endif
test:
