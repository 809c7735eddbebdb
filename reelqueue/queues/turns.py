"""Whose turn it is: owners take turns in each queue, so that none waits for all jobs of another.

A queue is a list in Redis, whose first job is rendered next. A job that finds n jobs of its owner
in the list belongs to round n. It is inserted behind these, before the first job of a later round.
So a list of one owner's jobs is in their order, and another owner's first job comes second in it.

The list itself says whose turn it is. Nothing else is kept that could differ from it when jobs are
taken, cancelled or lost.
"""

from __future__ import annotations

import hashlib
import logging

from redis.exceptions import RedisError
from rq import Queue

from reelqueue.jobs.model import ANYONE, Job, Record
from reelqueue.queues.rq_job import ReelJob, name_run

log = logging.getLogger(__name__)

# KEYS: the queue, the RQ job. ARGV: the RQ job's id, its owner, 1 if it comes before its owner's
# other jobs, what the keys of RQ jobs begin with.
_SCRIPT = """
if not redis.call('LPOS', KEYS[1], ARGV[1]) then return end  -- a worker has it already
redis.call('HSET', KEYS[2], 'owner', ARGV[2])
redis.call('LREM', KEYS[1], 1, ARGV[1])
local waiting = redis.call('LRANGE', KEYS[1], 0, -1)
local owners, own = {}, {}
for place, id in ipairs(waiting) do
    owners[place] = redis.call('HGET', ARGV[4] .. id, 'owner') or ''
    if owners[place] == ARGV[2] then own[#own + 1] = place end
end
local id = ARGV[1]
if ARGV[3] == '1' then  -- it takes the place of the next, which takes the place of the one after
    for _, place in ipairs(own) do
        redis.call('LSET', KEYS[1], place - 1, id)
        id = waiting[place]
    end
end
local last, rounds = own[#own] or 0, {}
for place, owner in ipairs(owners) do
    rounds[owner] = (rounds[owner] or -1) + 1
    if rounds[owner] > #own and place > last then
        redis.call('LINSERT', KEYS[1], 'BEFORE', waiting[place], id)
        return
    end
end
redis.call('RPUSH', KEYS[1], id)
"""


def take_turn(queue: Queue, record: Record) -> None:
    """Move a run within its queue to where its owner's turn is; one that was lost comes first.

    If Redis fails meanwhile, the run stays where it is.
    """
    rq_id = name_run(record)
    keys = (queue.key, ReelJob.key_for(rq_id))
    prefix = ReelJob.key_for("")
    try:
        queue.connection.eval(
            *(_SCRIPT, len(keys), *keys),
            *(rq_id, _name_owner(record.job), int(record.takeovers > 0), prefix),
        )
    except RedisError:
        log.warning("job %s: waits where it is in its queue", record.job.id, exc_info=True)


def _name_owner(job: Job) -> str:
    """Return a name for the owner that tells nothing else.

    The many clients that share one owner are told apart by their sessions, which are in the keys of
    their uploads.
    """
    owner = job.owner
    if owner == ANYONE and job.inputs:
        owner = "/".join(job.inputs[0].key.split("/")[:3])
    return hashlib.sha256(owner.encode()).hexdigest()[:16]
