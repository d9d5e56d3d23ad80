A = 2
ifeq ($(A),1)
$(info one)
else ifeq ($(A),2)
$(info two)
else ifeq ($(A),2)
$(info two again)
else
$(info other)
endif
ifeq ($(A),1)
else ifdef NOPE
else ifneq ($(A),2)
$(info no)
else ifndef A
$(info no)
else
$(info last)
endif
test:
