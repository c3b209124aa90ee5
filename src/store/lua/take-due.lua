--[[
  Hands out the unsettled jobs that are due for a look, each to one caller.

  KEYS[1] watch
  ARGV[1] now, unix ms;  ARGV[2] unix ms at which they fall due again;  ARGV[3] how many at most
  Reply   job ids
]]
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, id in ipairs(due) do
  redis.call('ZADD', KEYS[1], 'XX', ARGV[2], id)
end
return due
