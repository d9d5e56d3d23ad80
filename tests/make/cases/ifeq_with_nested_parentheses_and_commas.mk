ifeq ($(subst a,b,(a,a)),(b,b))
$(info 1)
endif
ifeq ((a),(a))
$(info 2)
endif
ifeq ($(if x,a),$(or b,a))
$(info 3)
else
$(info 4)
endif
ifeq (a,a,a)
$(info 5)
endif
test:
