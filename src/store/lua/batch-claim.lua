#!lua flags=allow-oom
--[[
  Takes a batch over: whoever had it before can write nothing of it any more.

  KEYS[1] batch
  Reply   {} if there is no such batch; {'ended'}; or {'claimed', epoch, cursor line, cursor offset}

  Runs while Redis is out of memory: ending work is what frees it.
]]
local record = redis.call('HMGET', KEYS[1], 'status', 'cursorLine', 'cursorOffset')
local status = record[1]
if not status then
  return {}
end
if status == 'completed' or status == 'failed' or status == 'expired' or status == 'cancelled' then
  return {'ended'}
end
local epoch = redis.call('HINCRBY', KEYS[1], 'epoch', 1)
return {'claimed', epoch, tonumber(record[2] or '0'), tonumber(record[3] or '0')}
