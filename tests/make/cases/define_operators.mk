X = early
define A =
a $(X)
endef
define B :=
b $(X)
endef
define C ?=
c $(X)
endef
define A ?=
no
endef
define A +=
more
endef
define B +=
more $(X)
endef
define D !=
echo d; echo e
endef
X = late
$(info $(A)|$(B)|$(C)|$(D)|$(flavor A) $(flavor B) $(flavor C) $(flavor D))
test:
