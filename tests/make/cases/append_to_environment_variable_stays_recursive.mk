# A variable from the environment is recursive; += keeps that, and makes it the file's.
#T env: FLAGS=a$(LATER)b
$(info $(origin FLAGS) $(flavor FLAGS))
FLAGS += $(MORE)
MORE = more
LATER = -later-
$(info $(FLAGS) $(origin FLAGS) $(flavor FLAGS))
test:
	echo $$FLAGS
