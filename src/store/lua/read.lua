--[[
  A record without its large fields, so that polling a job does not ship its prompt and its answer.

  KEYS[1] record
  Reply   {field, value, …}; empty if there is no such job
]]
local wanted = {}
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  if field ~= 'request' and field ~= 'result' and field ~= 'echo' then
    wanted[#wanted + 1] = field
  end
end
if #wanted == 0 then
  return {}
end
local reply = {}
for index, value in ipairs(redis.call('HMGET', KEYS[1], unpack(wanted))) do
  reply[#reply + 1] = wanted[index]
  reply[#reply + 1] = value
end
return reply
