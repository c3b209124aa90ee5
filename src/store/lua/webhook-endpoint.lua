--[[
  Writes an endpoint of webhooks, and tells every process.

  KEYS[1] endpoints
  ARGV[1] id;  ARGV[2] endpoint, JSON;  ARGV[3] how many there may be, or 0: it must be there already;  ARGV[4] channel
  Reply   1 written, 0 there are too many, or there is none to change
]]
local there = redis.call('HGET', KEYS[1], ARGV[1])
if there ~= ARGV[2] then
  local most = tonumber(ARGV[3])
  if (most == 0 and not there) or (most > 0 and redis.call('HLEN', KEYS[1]) >= most) then
    return 0
  end
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end
redis.call('PUBLISH', ARGV[4], ARGV[1])
return 1
