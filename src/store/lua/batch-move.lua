#!lua flags=allow-oom
--[[
  Moves a batch to its next status, with what is known of it then.

  KEYS[1] batch
  ARGV[1] epoch of the feeder;  ARGV[2] next status;  ARGV[3] now, unix ms;  ARGV[4] channel of the batch
  ARGV[5…] field, value, …
  Reply   1 moved (now, or by an earlier send), 0 fenced, -1 it was cancelled meanwhile

  Runs while Redis is out of memory: ending work is what frees it.
]]
local record = redis.call('HMGET', KEYS[1], 'epoch', 'status')
if record[1] ~= ARGV[1] then
  return 0
end
local status, next = record[2], ARGV[2]
if status == 'cancelling' and (next == 'in_progress' or next == 'finalizing') then
  return -1
end
if status ~= next then
  redis.call('HSET', KEYS[1], 'status', next)
  redis.call('HSETNX', KEYS[1], 'since:' .. next, ARGV[3])
end
if #ARGV > 4 then
  redis.call('HSET', KEYS[1], unpack(ARGV, 5))
end
redis.call('PUBLISH', ARGV[4], next)
return 1
