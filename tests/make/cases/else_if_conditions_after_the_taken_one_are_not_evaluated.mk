ifeq (a,a)
$(info taken)
else ifeq ($(error never),)
endif
ifeq (a,b)
ifeq ($(error never),)
endif
endif
test:
