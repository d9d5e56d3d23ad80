# A function that reads a variable which only some targets have; `+=`; a private one.
ask = [$(mode) $(origin mode) $(1)]
all = $(call ask,x) $(call ask,x) $(text)
text = $(mode)
mode = global
test: a b c d
a: mode = own
b: mode += more
d: private mode = alone
a b c d e: ; echo $@ $(all) $(all)
d: e
