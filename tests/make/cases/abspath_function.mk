$(info [$(abspath a ./b ../c /x/./y/../z a//b a/b/../../..)] [$(abspath /)] [$(abspath //x)] [$(abspath .)] [$(abspath )])
test:
