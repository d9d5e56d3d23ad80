$(info [$(foreach x,a b c,<$(x)>)] [$(foreach x,,y)] [$(foreach x,a b,)] [$(foreach x,a  b,$(x) )])
$(info [$(foreach x, a b ,$(foreach y,1 2,$(x)$(y)))])
test:
