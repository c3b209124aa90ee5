#!lua flags=allow-oom
--[[
  Changes the listings: new jobs, jobs that have settled, and those of them that are to be archived.

  KEYS[1] all, KEYS[2] open, KEYS[3] watch, KEYS[4…7] the terminal statuses, KEYS[8] archive,
  KEYS[9] stored jobs that can be listed
  ARGV    'open', job id, unix ms at which somebody must look after it
          'settled', job id, which of KEYS it belongs to now
          'watch', job id of a batch's line, unix ms at which somebody must look after it
          'unwatch', job id, 0
          'archive', job id, unix ms at which it is due
          'stored', job id, 0
          … repeated
  Reply   1

  Runs while Redis is out of memory: ending a job is what frees it.
]]
for at = 1, #ARGV, 3 do
  local change, id, value = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  if change == 'open' then
    -- A job that has settled already, which its worker may list first, stays where it is.
    if redis.call('ZADD', KEYS[1], 'NX', 0, id) == 1 then
      redis.call('ZADD', KEYS[2], 0, id)
      redis.call('ZADD', KEYS[3], value, id)
    end
  elseif change == 'watch' then
    redis.call('ZADD', KEYS[3], value, id)
  elseif change == 'unwatch' then
    redis.call('ZREM', KEYS[3], id)
  elseif change == 'archive' then
    redis.call('ZADD', KEYS[8], value, id)
  elseif change == 'stored' then
    redis.call('ZADD', KEYS[9], value, id)
  else
    redis.call('ZADD', KEYS[1], 0, id)
    redis.call('ZREM', KEYS[2], id)
    redis.call('ZREM', KEYS[3], id)
    redis.call('ZADD', KEYS[tonumber(value)], 0, id)
  end
end
return 1
