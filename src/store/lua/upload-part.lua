--[[
  Notes a part of an upload, whose bytes are kept already.

  KEYS[1] upload
  ARGV[1] now, unix ms;  ARGV[2] id of the part;  ARGV[3] its bytes;  ARGV[4] bytes that all parts may have together;
  ARGV[5] parts at most
  Reply   'pending': it is noted; 'full': it is not, there would be too much; else the status of the upload, or '' if there
          is none
]]
local status, expires, held, count =
  unpack(redis.call('HMGET', KEYS[1], 'status', 'expiresAt', 'held', 'count'))
if not status then
  return ''
end
if status ~= 'pending' then
  return status
end
if tonumber(ARGV[1]) >= tonumber(expires) then
  return 'expired'
end
local field = 'part:' .. ARGV[2]
if redis.call('HEXISTS', KEYS[1], field) == 1 then
  return 'pending'
end
if tonumber(held or 0) + tonumber(ARGV[3]) > tonumber(ARGV[4]) or tonumber(count or 0) >= tonumber(ARGV[5]) then
  return 'full'
end
redis.call('HSET', KEYS[1], field, ARGV[3])
redis.call('HINCRBY', KEYS[1], 'held', ARGV[3])
redis.call('HINCRBY', KEYS[1], 'count', 1)
return 'pending'
