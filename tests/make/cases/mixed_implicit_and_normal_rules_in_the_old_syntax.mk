# A pattern after a normal target is an explicit target, and make says so.
#T goals: test a%
test a%: ; @echo $@
