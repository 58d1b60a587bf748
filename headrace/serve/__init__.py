"""HTTP in front of workers: an ASGI application, for the server of `headrace.web`.

app         which path is what, the answer to every error
access_log  a line for each request
head, body  what a request may be, and how much of it is kept in memory
api_key     who may ask
service     one worker: its function, its queues, its endpoint
call_queue  threads that make calls; what waits for them is taken together
function    the call itself, as an HTTP request or as an invocation
record      a request as a worker's record; event: as API Gateway's event
site        which path is what; openapi: the document that says so
page        the page for people, and what it asks about models
v2          the Open Inference Protocol
"""
