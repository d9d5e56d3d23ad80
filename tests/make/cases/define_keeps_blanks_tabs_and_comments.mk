define A
  two blanks
	tab
# comment \# x
a\
b
trailing  
endef
$(info $(A))
test:
