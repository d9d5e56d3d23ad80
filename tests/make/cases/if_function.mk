$(info [$(if x,then,else)] [$(if ,then,else)] [$(if  ,then,else)] [$(if x,then)] [$(if ,then)])
E =
$(info [$(if $(E),t,e)] [$(if $(E) ,t,e)] [$(if x, t , e )] [$(if ,t, e )] [$(if x,a,b,c)] [$(if ,a,b,c)])
test:
