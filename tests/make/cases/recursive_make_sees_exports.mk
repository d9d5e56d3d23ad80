# An environment variable that was changed goes on to the children with its new value.
#T env: FLAGS=env OTHER=env
#T file: sub.mk
#| $(info $(A) [$(B)] $(FLAGS) $(OTHER) $(origin A))
#| FLAGS += sub
#| all: ; @$(MAKE) -f subsub.mk
#T file: subsub.mk
#| $(info $(FLAGS) $(flavor FLAGS))
#| all: ;
export A = $(LATE)
B = not exported
FLAGS += top
LATE = late
test:
	@$(MAKE) -f sub.mk
