# Blanks before the comma belong to the first argument, blanks after it do not belong to the second.
A = x
ifeq ($(A),  x)
$(info 1)
endif
ifeq ( $(A),x)
$(info 2)
endif
ifeq ($(A) ,x)
$(info 3)
endif
ifeq ($(A),x )
$(info 4)
endif
ifeq   (x,x)   
$(info 5)
endif
ifeq	(x,x)
$(info 6)
endif
ifeq ($(A)$(E) ,x)
$(info 7)
endif
test:
