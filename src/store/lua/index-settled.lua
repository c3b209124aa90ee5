--[[
  Moves a job from the open ones to those of its terminal status, and forgets jobs whose records have
  expired: ids sort by the time of their creation.

  KEYS[1] all, KEYS[2] open, KEYS[3] watch, KEYS[4] the terminal status
  ARGV[1] job id;  ARGV[2] the smallest id that can still have a record
  Reply   1
]]
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZADD', KEYS[4], 0, ARGV[1])
redis.call('ZREMRANGEBYLEX', KEYS[1], '-', '(' .. ARGV[2])
redis.call('ZREMRANGEBYLEX', KEYS[4], '-', '(' .. ARGV[2])
return 1
