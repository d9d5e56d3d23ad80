#T goals: test; c a; -B test
#T files: a@-9 c@-9 s@-5 d@-9
# Both need s; when the second is looked at, s is done, and newer than it.
test: a c d
a: s
	@echo make a
c: s
	@echo make c
d: c
	@echo make d
