"""A SAM template as configuration: what is deployed is what runs here.

reading (YAML with CloudFormation's short forms) → parameters and intrinsics (what can be known
here) → functions (which have stream events) → properties (of one event, in the service's ranges)
→ settings (what the runner is told) → plan (all of it for one function). A function that is called
asynchronously has an invoke config in place of events.
"""
