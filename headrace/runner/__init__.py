"""The event source mapping off AWS: poll, filter, batch, invoke, retry, dead letter, commit.

Each idea stands in a file of its own, and none knows a concrete worker:

    kafka/, kinesis/  poll a stream and feed its lanes
    filter/           which records are worth an invocation
    lane, strand      one partition or shard; the records in it whose keys fall together
    prefix            how far a lane is done without a gap
    batch, payload    the records that are handed out together, and how many of them fit
    dispatcher        which batch is handed out next (load, ready_queue, uncommitted: its parts)
    crew              the threads that attempt batches, and poll by turns
    function/         how a batch reaches the function (events, response: the service's JSON)
    window            tumbling windows, whose state goes from one invocation to the next
    deliver, retry    one attempt, and what follows from a failed one
    failure           where records go that are given up
    commit            positions move after success, and never past an open record
    mapping           all of it together
    stats             what was counted (metrics, health: how it is shown)
"""
