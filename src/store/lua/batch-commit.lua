#!lua flags=allow-oom
--[[
  Makes the results of some lines part of a batch, all at once, and each line only once.

  KEYS[1] batch, KEYS[2] window, KEYS[3] segments, KEYS[4] places
  ARGV[1] epoch of the feeder;  ARGV[2] number of the segment, from 1: how many there are with it
  ARGV[3] what the list of segments says of it;  ARGV[4] channel of the batch;  ARGV[5] what is announced
  ARGV[6] how many counters follow, each as name, value
  then    line, its place (4 bytes), …
  Reply   1 committed (now, or by an earlier send), 0 fenced, -1 a line has a result already

  Runs while Redis is out of memory: ending work is what frees it.
]]
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then
  return 0
end
local number = tonumber(ARGV[2])
local length = redis.call('LLEN', KEYS[3])
if length ~= number - 1 then
  return length >= number and redis.call('LINDEX', KEYS[3], number - 1) == ARGV[3] and 1 or 0
end
local first = 7 + 2 * tonumber(ARGV[6])
for at = first, #ARGV, 2 do
  local start = 4 * (tonumber(ARGV[at]) - 1)
  local place = redis.call('GETRANGE', KEYS[4], start, start + 3)
  if place ~= '' and place ~= '\0\0\0\0' then
    return -1
  end
end
for at = first, #ARGV, 2 do
  redis.call('SETRANGE', KEYS[4], 4 * (tonumber(ARGV[at]) - 1), ARGV[at + 1])
  redis.call('HDEL', KEYS[2], ARGV[at])
end
for at = 7, first - 1, 2 do
  redis.call(ARGV[at] == 'cost' and 'HINCRBYFLOAT' or 'HINCRBY', KEYS[1], ARGV[at], ARGV[at + 1])
end
redis.call('RPUSH', KEYS[3], ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[5])
return 1
