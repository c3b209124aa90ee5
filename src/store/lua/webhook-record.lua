--[[
  Records that an event is to be delivered to a receiver, once.

  KEYS[1] record, KEYS[2] all deliveries, KEYS[3] those of its event, KEYS[4] those of its endpoint, KEYS[5] pending
  ARGV[1] id;  ARGV[2] unix ms at which somebody must look after it;  ARGV[3 …] field, value, …
  Reply   its status and round
]]
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[1], 'status', 'pending', 'round', 1, 'tries', 0, 'failures', 0, unpack(ARGV, 3))
  for at = 2, 4 do
    redis.call('ZADD', KEYS[at], 0, ARGV[1])
  end
  redis.call('ZADD', KEYS[5], ARGV[2], ARGV[1])
end
return redis.call('HMGET', KEYS[1], 'status', 'round')
