--[[
  Removes what was handed out and is done, unless it was put there again since.

  KEYS[1] sorted set
  ARGV[1] member;  ARGV[2] score that it was handed out with
  Reply   1 removed, 0 not
]]
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not score or tonumber(score) ~= tonumber(ARGV[2]) then
  return 0
end
return redis.call('ZREM', KEYS[1], ARGV[1])
