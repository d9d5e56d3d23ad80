#T returncode: 2
#T file: inc/a.mk
#| A = 1
#| 
#| $(warning here)
#| garbage here
include inc/a.mk
test:
