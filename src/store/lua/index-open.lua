--[[
  Lists a new job, before its record is written: a crash in between leaves an entry that is dropped when
  it is looked at, never a job that nobody finds.

  KEYS[1] all, KEYS[2] open, KEYS[3] watch
  ARGV[1] job id;  ARGV[2] unix ms at which somebody must look after it
  Reply   1
]]
redis.call('ZADD', KEYS[1], 0, ARGV[1])
redis.call('ZADD', KEYS[2], 0, ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
return 1
