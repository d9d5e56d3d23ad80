#T goals: test; b.x; b.y; c.u; c.v; d.m; d.f; d.g; d.w; d.k; d.l
#T files: a.s=1 b.s=1 c.s=1 d.s=1
# A later rule of one target and the same prerequisites takes the place of an earlier one.
%.o: %.s
	@echo first o
%.o: %.s
	@echo second o
# One with other prerequisites does not: the first that applies counts.
%.p: %.s
	@echo first p
%.p: %.s a.s
	@echo second p
# A rule of two targets is not replaced by one of either ...
%.x %.y: %.s
	@echo both x and y
%.x: %.s
	@echo x alone
# ... but takes the place of the first of two, which is not that of its first target.
%.v: %.s
	@echo v alone
%.u: %.s
	@echo u alone
%.u %.v: %.s
	@echo both u and v
# Without a recipe it is cancelled, and may be given again.
%.m: %.s
	@echo first m
%.m: %.s
%.m: %.s
	@echo last m
# What was replaced can be given again, and does not take the place of two.
%.f: %.s
	@echo first f
%.f %.g: %.s
	@echo both f and g
%.f: %.s
	@echo last f
# A target that stands twice is one.
%.w %.w: %.s
	@echo w twice
%.w: %.s
	@echo w once
%.k: %.s
	@echo k alone
%.l %.k: %.s
	@echo both l and k
%.l: %.s
	@echo l alone
test: a.o a.p
