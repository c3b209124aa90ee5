--[[
  Writes a job's record unless it is there already: a submission that is sent again changes nothing.

  KEYS[1] record
  ARGV    field, value, field, value, …
  Reply   1 created, 0 it was there
]]
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 0
end
redis.call('HSET', KEYS[1], unpack(ARGV))
return 1
