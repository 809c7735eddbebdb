"""Whose turn it is: owners take turns in each queue, so that none waits for all jobs of another.

A queue is a list in Redis, whose first job is rendered next. Jobs of a greater priority come before
those of a lesser one. Among jobs of one priority, a job that finds n jobs of its owner belongs to
round n. It is inserted behind these, before the first job of a later round. So a list of one
owner's jobs is in their order, and another owner's first job comes second in it.

The list itself says whose turn it is. Nothing else is kept that could differ from it when jobs are
taken, cancelled or lost.
"""

from __future__ import annotations

import hashlib
import logging
from contextlib import suppress

from redis.exceptions import RedisError
from rq import Queue

from reelqueue.jobs.model import ANYONE, Job, Record
from reelqueue.jobs.priorities import HIGHEST, NUMBERS, Priority
from reelqueue.queues.rq_job import ReelJob, name_run

log = logging.getLogger(__name__)

_FRONT = HIGHEST + 1
"""The priority of what has had its turn."""
# KEYS: the queue, the RQ job. ARGV: the RQ job's id, its owner, 1 if it comes before its owner's
# other jobs, what the keys of RQ jobs begin with, its priority, that of jobs that tell none.
_SCRIPT = """
if not redis.call('LPOS', KEYS[1], ARGV[1]) then return end  -- a worker has it already
redis.call('HSET', KEYS[2], 'owner', ARGV[2], 'urgency', ARGV[5])
redis.call('LREM', KEYS[1], 1, ARGV[1])
local waiting = redis.call('LRANGE', KEYS[1], 0, -1)
local owners, own, after, before = {}, {}, 0, #waiting + 1
for place, id in ipairs(waiting) do
    local told = redis.call('HMGET', ARGV[4] .. id, 'owner', 'urgency')
    local urgency = tonumber(told[2] or ARGV[6])
    owners[place] = told[1] or ''
    if urgency > tonumber(ARGV[5]) then
        after, before = place, #waiting + 1
    elseif urgency < tonumber(ARGV[5]) then
        before = math.min(before, place)
    end
end
for place = after + 1, before - 1 do
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
for place = after + 1, before - 1 do
    local owner = owners[place]
    rounds[owner] = (rounds[owner] or -1) + 1
    if rounds[owner] > #own and place > last then
        redis.call('LINSERT', KEYS[1], 'BEFORE', waiting[place], id)
        return
    end
end
if before <= #waiting then
    redis.call('LINSERT', KEYS[1], 'BEFORE', waiting[before], id)
else
    redis.call('RPUSH', KEYS[1], id)
end
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
            *(record.job.priority_number, NUMBERS[Priority(queue.name)]),
        )
    except RedisError:
        log.warning("job %s: waits where it is in its queue", record.job.id, exc_info=True)


def stay_in_front(queue: Queue, record: Record) -> None:
    """Keep a run that has had its turn, at the front of its queue, before all that come later."""
    with suppress(RedisError):
        queue.connection.hset(ReelJob.key_for(name_run(record)), "urgency", _FRONT)


def _name_owner(job: Job) -> str:
    """Return a name for the owner that tells nothing else.

    The many clients that share one owner are told apart by their sessions, which are in the keys of
    their uploads.
    """
    owner = job.owner
    if owner == ANYONE and job.inputs:
        owner = "/".join(job.inputs[0].key.split("/")[:3])
    return hashlib.sha256(owner.encode()).hexdigest()[:16]
