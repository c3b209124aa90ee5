--[[
  Begins a delivery anew, whether or not it has ended.

  KEYS[1] record, KEYS[2] pending, KEYS[3] ended
  ARGV[1] id;  ARGV[2] the round that is left;  ARGV[3] now, unix ms
  ARGV[4] unix ms at which somebody must look after it
  Reply   the round that it is in now; 0: there is no such delivery
]]
local round = redis.call('HGET', KEYS[1], 'round')
if not round then
  return 0
end
if round ~= ARGV[2] then
  return tonumber(round)
end
redis.call('HSET', KEYS[1], 'status', 'pending', 'round', round + 1, 'since', ARGV[3], 'failures', 0, 'next', ARGV[3])
redis.call('HDEL', KEYS[1], 'endedAt')
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])
return round + 1
