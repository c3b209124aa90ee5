#!lua flags=allow-oom
--[[
  Asks for a batch's cancellation. Its feeder ends it; from here on no further line is fed.

  KEYS[1] batch
  ARGV[1] now, unix ms;  ARGV[2] channel of the batch
  Reply   the batch's status before, or '' if there is no such batch

  Runs while Redis is out of memory: ending work is what frees it.
]]
local status = redis.call('HGET', KEYS[1], 'status')
if not status then
  return ''
end
if status == 'validating' or status == 'in_progress' then
  redis.call('HSET', KEYS[1], 'status', 'cancelling', 'since:cancelling', ARGV[1])
  redis.call('PUBLISH', ARGV[2], 'cancelling')
end
return status
