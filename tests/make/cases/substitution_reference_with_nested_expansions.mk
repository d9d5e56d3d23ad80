F = foo-y foo-m
S = -y
T = .o
$(info $(F:$(S)=$(T)) $(F:%$(S)=%$(T)))
$(info $(F:%$(strip $(S) )=%$T))
test:
