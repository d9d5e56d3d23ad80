# kbuild's auto.conf is read by make: its values are not quoted, so `#`, `$` and blanks count.
#T file: auto.conf
#| CONFIG_A=y
#| CONFIG_NAME="hello world"
#| CONFIG_PATH="/x#y"
#| CONFIG_HEX=0x10
#| CONFIG_DOLLAR="a$(CONFIG_A)b"
#| CONFIG_BACK="a\\b"
include auto.conf
$(info [$(CONFIG_A)] [$(CONFIG_NAME)] [$(CONFIG_PATH)] [$(CONFIG_HEX)] [$(CONFIG_DOLLAR)] [$(CONFIG_BACK)])
obj-$(CONFIG_A) += a.o
obj-$(CONFIG_B) += b.o
$(info [$(obj-y)] [$(obj-)])
test:
