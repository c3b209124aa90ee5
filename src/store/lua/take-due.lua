#!lua flags=allow-oom
--[[
  Hands out what is due, each to one caller: unsettled jobs and pending webhooks for a look, tasks of the archive, files
  and uploads that expire.

  KEYS[1] watch, archive, files:due, uploads:due or webhooks' pending
  ARGV[1] now, unix ms;  ARGV[2] unix ms at which they fall due again;  ARGV[3] how many at most
  Reply   members

  Runs while Redis is out of memory: looking after jobs is what frees it.
]]
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, id in ipairs(due) do
  redis.call('ZADD', KEYS[1], 'XX', ARGV[2], id)
end
return due
