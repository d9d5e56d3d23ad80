#T env: ENV=1 EMPTY=
#T args: CMD=1
ifdef ENV
$(info 1)
endif
ifdef CMD
$(info 2)
endif
ifdef EMPTY
$(info 3)
endif
ifdef CURDIR
$(info 4)
endif
ifdef @
$(info 5)
endif
test:
