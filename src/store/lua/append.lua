--[[
  Appends one entry of deltas for the attempt that holds the job.

  KEYS[1] record, KEYS[2] log
  ARGV[1] id of the entry before, as this writer knows it
  ARGV[2] id of this entry: <epoch>-<seq of its last delta>
  ARGV[3] deltas, JSON
  Reply   1 written (now, or by an earlier send of this very call), 0 fenced: a newer attempt began or the
          job is no longer in progress, -1 cancelled, -2 the log lacks entries that Redis had acknowledged
]]
local record = redis.call('HMGET', KEYS[1], 'status', 'cancel')
if record[1] ~= 'in_progress' then
  return 0
end
local top = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
local last = top and top[1] or '0-0'
if last ~= ARGV[1] then
  local epoch, seq = string.match(ARGV[2], '(%d+)-(%d+)')
  local topEpoch, topSeq = string.match(last, '(%d+)-(%d+)')
  if tonumber(topEpoch) > tonumber(epoch) then
    return 0
  end
  -- ioredis sends a command again when the connection dropped before its reply.
  if topEpoch == epoch and tonumber(topSeq) >= tonumber(seq) then
    return 1
  end
  return -2
end
if record[2] then
  return -1
end
redis.call('XADD', KEYS[2], ARGV[2], 'deltas', ARGV[3])
redis.call('PUBLISH', KEYS[1] .. ':live', ARGV[1] .. ' ' .. ARGV[2] .. ' deltas ' .. ARGV[3])
return 1
