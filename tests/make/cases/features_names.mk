$(info $(filter order-only second-expansion else-if shortest-stem undefine oneshell target-specific,$(.FEATURES)))
test:
