# kbuild's test of a changed command is a filter-out of one list from another.
$(info [$(filter-out %.o b,a.o b c b)] [$(filter-out ,a  b)] [$(filter-out a b c,c b a)] [$(filter-out %,a)])
test:
