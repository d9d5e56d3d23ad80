# kbuild relies on it: a reference in an environment variable is expanded when it is used.
#T env: VAR=a$(LATER)b
LATER = later
$(info $(VAR) [$(value VAR)])
test:
