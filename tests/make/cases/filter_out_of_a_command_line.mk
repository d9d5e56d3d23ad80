OLD = gcc -O2 -DX="a b" -c
NEW = gcc -O2 -DX="a c" -c
$(info [$(filter-out $(subst $(empty) ,_,$(OLD)),$(NEW))] [$(filter-out $(OLD),$(NEW))] [$(filter-out $(OLD),$(OLD))])
test:
