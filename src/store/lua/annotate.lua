--[[
  Changes the metadata of a job. A settled record that is stored lives as long as at first again, until the change has
  been archived.

  KEYS[1] record
  ARGV[1] metadata, JSON;  ARGV[2] seconds to keep the record of a stored job
  Reply   1 changed, 0 there is no record
]]
local record = redis.call('HMGET', KEYS[1], 'version', 'stored')
if not record[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'metadata', ARGV[1])
redis.call('HINCRBY', KEYS[1], 'revision', 1)
if record[2] and redis.call('TTL', KEYS[1]) >= 0 then
  redis.call('EXPIRE', KEYS[1], ARGV[2])
end
return 1
