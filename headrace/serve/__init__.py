"""HTTP in front of a worker: an ASGI application, for the server of `headrace.web`.

app         which path is what, the answer to every error, a log line for each request
head, body  what a request may be, and how much of it is kept in memory
turns       the threads that make calls: as many as calls may run at once
function    the call itself, as an HTTP request or as an invocation
event       a request as API Gateway's event, and the function's response as an answer
"""
