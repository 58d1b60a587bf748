"""Asynchronous invocation off AWS: what SNS, S3 and EventBridge put into a queue, as a call.

event      the event that the service would have given to the function
invoke     one attempt, and where the event goes when there is none left
told       what a destination is told: the service's own form
open       all of it, as the settings say
"""
