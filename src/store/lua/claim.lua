--[[
  Begins an attempt. Only this script raises a job's epoch. The opening entry <epoch>-0 raises the top of
  the log, so Redis itself refuses every later write of an earlier attempt.

  KEYS[1] record, KEYS[2] log
  ARGV[1] now, unix ms
  ARGV[2] provider, ARGV[3] upstream model, ARGV[4] worker id (JSON strings, quoted)
  ARGV[5] attempts that may be lost before the job is given up
  Reply   {'missing'} | {'settled'} | {'cancelled', epoch} | {'expired', epoch}
          {'early', not before, unix ms} | {'poisoned', epoch}
          {'claimed', epoch, failures, request JSON, created at, deadline, model}
]]
local record = redis.call('HMGET', KEYS[1], 'status', 'epoch', 'cancel', 'deadline', 'notBefore', 'lost',
  'failures', 'request', 'createdAt', 'model')
local status, epoch, now = record[1], tonumber(record[2] or '0'), tonumber(ARGV[1])
if not status then
  return {'missing'}
end
if status ~= 'queued' and status ~= 'in_progress' then
  return {'settled'}
end

-- A ticket that comes back while its job is in progress means that the worker which had it is gone.
local lost = tonumber(record[6] or '0')
if status == 'in_progress' then
  local ended = '{"finishedAt":' .. ARGV[1] .. ',"status":"lost","error":null}'
  if redis.call('HSETNX', KEYS[1], 'attempt:' .. epoch .. ':end', ended) == 1 then
    lost = redis.call('HINCRBY', KEYS[1], 'lost', 1)
  end
end

if record[3] then
  return {'cancelled', epoch}
end
if tonumber(record[4]) <= now then
  return {'expired', epoch}
end
if tonumber(record[5]) > now then
  return {'early', record[5]}
end
if lost > tonumber(ARGV[5]) then
  return {'poisoned', epoch}
end

local top = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
local previous = top and top[1] or '0-0'
epoch = epoch + 1
local id = epoch .. '-0'
local opening = '{"epoch":' .. epoch .. ',"provider":' .. ARGV[2] .. ',"model":' .. ARGV[3] .. '}'
redis.call('XADD', KEYS[2], id, 'attempt', opening)
local fields = {'status', 'in_progress', 'epoch', epoch, 'attempt:' .. epoch,
  '{"epoch":' .. epoch .. ',"provider":' .. ARGV[2] .. ',"model":' .. ARGV[3] ..
  ',"startedAt":' .. ARGV[1] .. ',"worker":' .. ARGV[4] .. '}'}
if epoch == 1 then
  fields[#fields + 1] = 'startedAt'
  fields[#fields + 1] = ARGV[1]
end
redis.call('HSET', KEYS[1], unpack(fields))
redis.call('PUBLISH', KEYS[1] .. ':live', previous .. ' ' .. id .. ' attempt ' .. opening)
return {'claimed', epoch, tonumber(record[7] or '0'), record[8], record[9], record[4], record[10]}
