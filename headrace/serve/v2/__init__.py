"""The Open Inference Protocol, version 2, over HTTP (github.com/kserve/open-inference-protocol).

tensors  what a model is asked and answers, and what a worker gives to be asked so
read     a request, in JSON or with the binary tensor extension, as arrays
write    arrays as an answer, in either form
routes   which path is what
"""
