A = 1
ifeq (x,y)
A += no
else
A += yes
endif
$(info $(A))
test:
