--[[
  Takes the next lines of a batch into its window. They become jobs after that; until their results are committed, whoever
  has the batch knows by the window what is under way.

  KEYS[1] batch, KEYS[2] window
  ARGV[1] epoch of the feeder
  ARGV[2] cursor before, as a line;  ARGV[3] cursor after, as a line;  ARGV[4] cursor after, as an offset in the input
  ARGV[5…] line, its place in the input, …
  Reply   1 taken (now, or by an earlier send), 0 fenced
]]
local record = redis.call('HMGET', KEYS[1], 'epoch', 'cursorLine')
if record[1] ~= ARGV[1] then
  return 0
end
local cursor = record[2] or '0'
if cursor == ARGV[3] then
  return 1
end
if cursor ~= ARGV[2] then
  return 0
end
redis.call('HSET', KEYS[1], 'cursorLine', ARGV[3], 'cursorOffset', ARGV[4])
if #ARGV > 4 then
  redis.call('HSET', KEYS[2], unpack(ARGV, 5))
end
return 1
