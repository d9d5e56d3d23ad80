test: a b c
a b &:: ; echo ab $@
b c &:: ; echo bc $@
