name-one-end = 1
K = one
$(info $(name-$(K)-end) ${name-${K}-end} $(name-${K}-end))
test:
