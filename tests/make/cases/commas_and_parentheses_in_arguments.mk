comma := ,
lparen := (
id = $(1)
$(info [$(subst $(lparen),[,(a)(b))] [$(subst $(comma),;,a,b)] [$(if (a,b),y)] [$(call id,(x,y))])
$(info [$(call id,(x,y),z)] [$(call id,{x,y})] [${call id,{x,y}}] [${call id,(x,y)}])
test:
