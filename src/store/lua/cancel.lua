#!lua flags=allow-oom
--[[
  Asks for a job's cancellation. Whoever runs the job settles it; the flag makes every other end, and
  every further delta, impossible.

  KEYS[1] record
  ARGV[1] now, unix ms;  ARGV[2] channel of cancellations;  ARGV[3] job id
  Reply   the job's status before, or '' if there is no such job

  Runs while Redis is out of memory: ending a job is what frees it.
]]
local status = redis.call('HGET', KEYS[1], 'status')
if not status then
  return ''
end
if status == 'queued' or status == 'in_progress' then
  redis.call('HSETNX', KEYS[1], 'cancel', ARGV[1])
  redis.call('PUBLISH', ARGV[2], ARGV[3])
end
return status
