define A
ifdef B
one
else
two
endif
endef
$(info $(A))
test:
