#!lua flags=allow-oom
--[[
  Notes an attempt to deliver, and what becomes of the delivery.

  KEYS[1] record, KEYS[2] pending, KEYS[3] ended
  ARGV[1] id;  ARGV[2] round that the attempt belongs to;  ARGV[3] its number, from 1
  ARGV[4] the attempt, JSON;  ARGV[5] pending, delivered or failed
  ARGV[6] unix ms of the next attempt;  ARGV[7] unix ms at which somebody must look after it;  ARGV[8] now, unix ms
  ARGV[9] how many attempts are kept
  Reply   1 noted, now or by an earlier send; 0 the delivery is gone, has ended, or was begun anew

  Runs while Redis is out of memory: what has been delivered must not be delivered again.
]]
local record = redis.call('HMGET', KEYS[1], 'status', 'round', 'tries', 'attempt:' .. ARGV[3])
if record[4] == ARGV[4] then
  return 1
end
if record[1] ~= 'pending' or record[2] ~= ARGV[2] or tonumber(record[3]) >= tonumber(ARGV[3]) then
  return 0
end
redis.call('HSET', KEYS[1], 'status', ARGV[5], 'tries', ARGV[3], 'attempt:' .. ARGV[3], ARGV[4])
redis.call('HDEL', KEYS[1], 'attempt:' .. (tonumber(ARGV[3]) - tonumber(ARGV[9])))
redis.call('HINCRBY', KEYS[1], 'failures', ARGV[5] == 'delivered' and 0 or 1)
if ARGV[5] == 'pending' then
  redis.call('HSET', KEYS[1], 'next', ARGV[6])
  redis.call('ZADD', KEYS[2], ARGV[7], ARGV[1])
else
  redis.call('HDEL', KEYS[1], 'next')
  redis.call('HSET', KEYS[1], 'endedAt', ARGV[8])
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call('ZADD', KEYS[3], ARGV[8], ARGV[1])
end
return 1
