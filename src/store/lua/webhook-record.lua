--[[
  Records that an event is to be delivered to a receiver, once.

  KEYS[1] record, KEYS[2] all deliveries, KEYS[3] those of its event, KEYS[4] those of its endpoint, KEYS[5] pending,
  KEYS[6] ended
  ARGV[1] id;  ARGV[2] unix ms at which somebody must look after it;  ARGV[3] how many may be pending
  ARGV[4] the attempt that says that there are too many, JSON;  ARGV[5] now, unix ms;  ARGV[6 …] field, value, …
  Reply   its status and round
]]
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[1], 'status', 'pending', 'round', 1, 'tries', 0, 'failures', 0, unpack(ARGV, 6))
  for at = 2, 4 do
    redis.call('ZADD', KEYS[at], 0, ARGV[1])
  end
  if redis.call('ZCARD', KEYS[5]) < tonumber(ARGV[3]) then
    redis.call('ZADD', KEYS[5], ARGV[2], ARGV[1])
  else
    redis.call('HSET', KEYS[1], 'status', 'failed', 'tries', 1, 'failures', 1, 'attempt:1', ARGV[4], 'endedAt', ARGV[5])
    redis.call('HDEL', KEYS[1], 'next')
    redis.call('ZADD', KEYS[6], ARGV[5], ARGV[1])
  end
end
return redis.call('HMGET', KEYS[1], 'status', 'round')
