--[[
  Ties an idempotency key to a job id and a fingerprint of the request, once.

  KEYS[1] idempotency key
  ARGV[1] "<job id> <fingerprint>"
  ARGV[2] time to live, seconds
  Reply   what the key is tied to now: ARGV[1], or what an earlier submission wrote
]]
local known = redis.call('GET', KEYS[1])
if known then
  return known
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return ARGV[1]
