#T goals: test
a test b: ; echo one
test b: ; echo two
