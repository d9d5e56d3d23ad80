A = one \
  # two
B = x \
  y # z \
  w
$(info [$(A)] [$(B)])
test:
