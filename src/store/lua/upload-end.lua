#!lua flags=allow-oom
--[[
  Ends an upload, unless it has ended. Of several who complete it one wins, and all get the winner's file.

  KEYS[1] upload
  ARGV[1] now, unix ms;  ARGV[2] 'completed' or 'cancelled';  ARGV[3] the file as JSON, or ''
  Reply   {status, file}: those of the upload from now on; {'', ''} if there is none

  Runs while Redis is out of memory: ending uploads is what frees it.
]]
local status, expires, file = unpack(redis.call('HMGET', KEYS[1], 'status', 'expiresAt', 'file'))
if not status then
  return { '', '' }
end
if status ~= 'pending' then
  return { status, file or '' }
end
if tonumber(ARGV[1]) >= tonumber(expires) then
  return { 'expired', '' }
end
redis.call('HSET', KEYS[1], 'status', ARGV[2])
if ARGV[3] ~= '' then
  redis.call('HSET', KEYS[1], 'file', ARGV[3], 'unwritten', '1')
end
return { ARGV[2], ARGV[3] }
