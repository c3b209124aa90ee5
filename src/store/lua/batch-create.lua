--[[
  Writes a batch's record unless there is another: requests with one Idempotency-Key make one batch, even at the same time.

  KEYS[1] batch
  ARGV[1] the batch's spec;  ARGV[2…] field, value, …
  Reply   1 written (now, or by an earlier send), 0 the batch is another request's
]]
local spec = redis.call('HGET', KEYS[1], 'spec')
if spec then
  return spec == ARGV[1] and 1 or 0
end
redis.call('HSET', KEYS[1], 'spec', ARGV[1], unpack(ARGV, 2))
return 1
