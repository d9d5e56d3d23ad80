test: a
a b &: ; @echo one $@
a c &: ; @echo two $@
