package cache

import (
	"crypto/sha1"
	"encoding/hex"
)

// script is a Lua script. Redis runs it atomically, so that reading a value and replacing it
// are one step.
type script struct{ text, sha1 string }

func newScript(text string) script {
	sum := sha1.Sum([]byte(text)) // the name for EVALSHA
	return script{text: text, sha1: hex.EncodeToString(sum[:])}
}

// tokenOf defines a Lua function that returns the token of a value, or false if the value has
// another form.
const tokenOf = `
local function token_of(value)
  local at = value and string.match(value, '^(%x+)|')
  return at and #at == 16 and at
end
`

// fillScript stores an answer. KEYS: the key and the floor. ARGV: token, value, ttl and
// MarkFor in milliseconds. It returns 1 if the value was stored.
var fillScript = newScript(tokenOf + `
local floor = redis.call('GET', KEYS[2])
if floor and ARGV[1] < floor then return 0 end
local at = token_of(redis.call('GET', KEYS[1]))
if at and (ARGV[1] < at or tonumber(ARGV[3]) < tonumber(ARGV[4])) then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
`)

// forgetScript marks keys. KEYS: the keys. ARGV: token and MarkFor in milliseconds. A value
// with this token or a higher one stays if it lives as long as the mark would.
var forgetScript = newScript(tokenOf + `
for _, key in ipairs(KEYS) do
  local at = token_of(redis.call('GET', key))
  if not (at and at >= ARGV[1] and redis.call('PTTL', key) >= tonumber(ARGV[2])) then
    local newest = at and at > ARGV[1] and at or ARGV[1]
    redis.call('SET', key, newest .. '|', 'PX', ARGV[2])
  end
end
return 1
`)

// raiseScript raises the floor. KEYS: the floor. ARGV: token and ttl in milliseconds.
var raiseScript = newScript(`
local old = redis.call('GET', KEYS[1])
local newest = old and old > ARGV[1] and old or ARGV[1]
redis.call('SET', KEYS[1], newest, 'PX', ARGV[2])
return 1
`)
