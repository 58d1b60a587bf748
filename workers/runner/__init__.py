"""The event source mapping off AWS: poll, batch, invoke, retry, dead letter, commit.

Each idea stands in a file of its own, and none knows a concrete worker:

    kafka, kinesis   poll a stream and feed its lanes
    lane, batch      one ordered channel, and the records that are handed out together
    dispatcher       which batch is handed out next
    invoke           how a batch reaches the function (events, response: the service's JSON)
    deliver, retry   one attempt, and what follows from a failed one
    failure          where records go that are given up
    commit           positions move after success, and never past an open record
    mapping          all of it together, and which thread polls
"""
