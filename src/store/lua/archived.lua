--[[
  Shortens the life of a record that has been archived, unless it was changed since it was read.

  KEYS[1] record
  ARGV[1] its revision, as it was read ('' for none);  ARGV[2] seconds that it lives on
  Reply   1 done, 0 it was changed, -1 there is no record
]]
local record = redis.call('HMGET', KEYS[1], 'version', 'revision')
if not record[1] then
  return -1
end
if (record[2] or '') ~= ARGV[1] then
  return 0
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
