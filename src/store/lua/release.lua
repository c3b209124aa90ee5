#!lua flags=allow-oom
--[[
  Ends an attempt without settling its job: it goes back to the queue.

  KEYS[1] record, KEYS[2] log
  ARGV[1] epoch of the attempt
  ARGV[2] retry notice, JSON;  ARGV[3] how the attempt ended, JSON
  ARGV[4] 1 if this failure counts against the job's retries, else 0
  ARGV[5] unix ms before which the next attempt must not begin
  Reply   1 released (now, or by an earlier send of this very call), 0 fenced,
          -1 cancelled meanwhile: settle as cancelled

  Runs while Redis is out of memory: ending a job is what frees it.
]]
local ending = 'attempt:' .. ARGV[1] .. ':end'
local record = redis.call('HMGET', KEYS[1], 'status', 'epoch', 'cancel', ending)
if record[1] ~= 'in_progress' or record[2] ~= ARGV[1] then
  -- ioredis sends a command again when the connection dropped before its reply.
  return record[1] == 'queued' and record[2] == ARGV[1] and record[4] == ARGV[3] and 1 or 0
end
if record[3] then
  return -1
end
local top = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
local last = top and top[1] or '0-0'
local topEpoch, topSeq = string.match(last, '(%d+)-(%d+)')
local id = ARGV[1] .. '-' .. (topEpoch == ARGV[1] and tonumber(topSeq) + 1 or 1)
redis.call('XADD', KEYS[2], id, 'retry', ARGV[2])
redis.call('HSET', KEYS[1], 'status', 'queued', 'notBefore', ARGV[5], ending, ARGV[3])
redis.call('HINCRBY', KEYS[1], 'failures', ARGV[4])
redis.call('PUBLISH', KEYS[1] .. ':live', last .. ' ' .. id .. ' retry ' .. ARGV[2])
return 1
