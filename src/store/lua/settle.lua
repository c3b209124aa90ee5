#!lua flags=allow-oom
--[[
  Ends a job, once: the last deltas, the terminal entry and the record's final state in one step.

  KEYS[1] record, KEYS[2] log
  ARGV[1] epoch of the attempt that settles
  ARGV[2] id of the log's last entry, as the caller knows it ('0-0': none)
  ARGV[3] last deltas, JSON, or '' for none;  ARGV[4] id of their entry
  ARGV[5] terminal status;  ARGV[6] outcome, JSON;  ARGV[7] result, JSON, or '' for none
  ARGV[8] how the attempt ended, JSON, or '' if no attempt is open
  ARGV[9] now, unix ms;  ARGV[10] seconds to keep the record;  ARGV[11] seconds to keep the log
  ARGV[12] seconds to keep the record of a stored job, until it has been archived
  Reply   16 + flags: settled, now or by an earlier send of this very call. Flags: 1 a stored job,
          2 it has a webhook of its own, 4 it is a line of a batch
          2 it was settled before, 0 fenced,
          -1 cancelled meanwhile: settle as cancelled,
          -2 the log is not where the caller believes: read it again

  Runs while Redis is out of memory: ending a job is what frees it.
]]
local ending = 'attempt:' .. ARGV[1] .. ':end'
local record = redis.call('HMGET', KEYS[1], 'status', 'epoch', 'cancel', 'outcome', 'finishedAt', ending,
  'stored', 'webhook', 'batch')
local status, epoch = record[1], record[2]
local settled = 16 + (record[7] and 1 or 0) + (record[8] and 2 or 0) + (record[9] and 4 or 0)
if not status then
  return 0
end
if status ~= 'queued' and status ~= 'in_progress' then
  -- ioredis sends a command again when the connection dropped before its reply.
  return record[4] == ARGV[6] and record[5] == ARGV[9] and settled or 2
end
if epoch ~= ARGV[1] then
  return 0
end
if record[3] and ARGV[5] ~= 'cancelled' then
  return -1
end
local top = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
local last = top and top[1] or '0-0'
if last ~= ARGV[2] then
  return -2
end

local live = KEYS[1] .. ':live'
if ARGV[3] ~= '' then
  redis.call('XADD', KEYS[2], ARGV[4], 'deltas', ARGV[3])
  redis.call('PUBLISH', live, last .. ' ' .. ARGV[4] .. ' deltas ' .. ARGV[3])
  last = ARGV[4]
end
local id = epoch .. '-' .. (tonumber(string.match(last, '-(%d+)')) + 1)
redis.call('XADD', KEYS[2], id, 'end', ARGV[6])
local fields = {'status', ARGV[5], 'outcome', ARGV[6], 'finishedAt', ARGV[9], 'end', id}
if ARGV[7] ~= '' then
  fields[#fields + 1] = 'result'
  fields[#fields + 1] = ARGV[7]
end
-- An attempt that a claim found lost stays lost.
if ARGV[8] ~= '' and not record[6] then
  fields[#fields + 1] = ending
  fields[#fields + 1] = ARGV[8]
end
redis.call('HSET', KEYS[1], unpack(fields))
redis.call('EXPIRE', KEYS[1], record[7] and ARGV[12] or ARGV[10])
redis.call('EXPIRE', KEYS[2], ARGV[11])
redis.call('PUBLISH', live, last .. ' ' .. id .. ' end ' .. ARGV[6])
return settled
