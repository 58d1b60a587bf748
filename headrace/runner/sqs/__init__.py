"""A queue of Amazon SQS: messages are leased, worked on in any order or by group, and deleted.

A queue is no log: each message is done, or comes back, by itself. So it has an engine of its own
beside that of the streams, with the same functions, settings, counts and signals:

    queue        what the service is asked, in batches of ten
    message      a message, as a record and as AWS Lambda's event has it
    lease        a message that is ours until its visibility timeout is over
    holdings     all leases: what waits, what is in work, how much more may be held
    waiting/     which messages make the next batch
    receivers    the threads that receive, by long polls
    keeper       the thread that extends leases, in the order of their deadlines
    returns      the threads that delete what is done and give back what is not
    delivery     one attempt at a batch
    mapping      all of it together; run: puts it together from settings
"""
