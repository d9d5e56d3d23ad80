A := $(subst a,b,\
  aa \
  ac)
$(info [$(A)] [$(strip \
  x \
  y)])
test:
