#!/bin/sh
# tokctl count --chat: requests of chat APIs, by part.
. "$(dirname "$0")/lib.sh"

# The example of OpenAI's cookbook, for which it prints what the API said.
cat >cookbook.json <<\EOF
{"messages": [
 {"role": "system", "content": "You are a helpful, pattern-following assistant that translates corporate jargon into plain English."},
 {"role": "system", "name": "example_user", "content": "New synergies will help drive top-line growth."},
 {"role": "system", "name": "example_assistant", "content": "Things working well together will increase revenue."},
 {"role": "system", "name": "example_user", "content": "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage."},
 {"role": "system", "name": "example_assistant", "content": "Let's talk later when we're less busy about how to do better."},
 {"role": "user", "content": "This late pivot means we don't have time to boil the ocean for the client deliverable."}
]}
EOF
cat >tools.json <<\EOF
{"model": "gpt-4o", "messages": [
 {"role": "system", "content": "You are a helpful assistant that can answer to questions about the weather."},
 {"role": "user", "content": "What's the weather like in San Francisco?"}],
 "tools": [{"type": "function", "function": {
  "name": "get_current_weather", "description": "Get the current weather in a given location",
  "parameters": {"type": "object", "properties": {
   "location": {"type": "string", "description": "The city and state, e.g. San Francisco, CA"},
   "unit": {"type": "string", "description": "The unit of temperature to return", "enum": ["celsius", "fahrenheit"]}},
   "required": ["location"]}}}]}
EOF

# row FILE [OPTION...]: model, tokens, system, messages, tools, images, overhead, estimated
row() {
	f=$1
	shift
	tokctl count --chat -f csv "$@" "$f" | tr -d '\r' |
		sed -n '2,$p' | cut -d, -f4,6-12
}

expect <<\EOF
gpt-3.5-turbo,129,69,19,0,0,41,false
gpt-4,129,69,19,0,0,41,false
gpt-4o,124,65,18,0,0,41,false
EOF
test_ok 'messages with names, as the API counts them' '
	row cookbook.json -m gpt-3.5-turbo -m gpt-4 -m gpt-4o | same'
expect <<\EOF
gpt-3.5-turbo-0301,127,69,19,0,0,39,false
EOF
test_ok 'in the first of them a name stands for the role' '
	row cookbook.json -m gpt-3.5-turbo-0301 | same'
expect <<\EOF
gpt-3.5-turbo,105,14,9,71,0,11,true
gpt-4,105,14,9,71,0,11,true
gpt-4o,101,14,8,68,0,11,true
EOF
test_ok 'tools, by the published formula' '
	row tools.json -m gpt-3.5-turbo -m gpt-4 -m gpt-4o | same'
test_ok 'the model is that of the request' '
	row tools.json | grep -q "^gpt-4o,101,"'
test_ok 'the parts add up' '
	row tools.json -m claude-sonnet-4-5 -m gemini-2.5-pro -m gpt-5 -m gpt-4o |
		awk -F, "{ if (\$2 != \$3 + \$4 + \$5 + \$6 + \$7) exit 1; n++ }
			END { exit n != 4 }"'
test_ok 'an array of messages is a request' '
	printf "%s" "[{\"role\":\"user\",\"content\":\"hi\"}]" >array.json &&
	test "$(row array.json -m gpt-4o)" = "gpt-4o,8,0,1,0,0,7,false"'
test_ok 'texts are unescaped before they are counted' '
	printf "%s" "[{\"role\":\"user\",\"content\":\"\\u0068\\u0069\"}]" >esc.json &&
	test "$(row esc.json -m gpt-4o)" = "gpt-4o,8,0,1,0,0,7,false"'

# A PNG of that size in base64: as much of its header as says so.
png() {
	printf '%b' "\0211PNG\r\n\032\n\0000\0000\0000\rIHDR\0000\0000$1\0000\0000$2\0010\0002" |
		base64 | tr -d '\n'
}
image() { # API SIZE SIZE [DETAIL]
	data=$(png "$2" "$3")
	case $1 in
	openai) echo "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,$data\",\"detail\":\"${4-high}\"}}]}]}" ;;
	anthropic) echo "{\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":\"$data\"}}]}]}" ;;
	gemini) echo "{\"contents\":[{\"parts\":[{\"inlineData\":{\"mimeType\":\"image/png\",\"data\":\"$data\"}}]}]}" ;;
	responses) echo "{\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_image\",\"image_url\":\"data:image/png;base64,$data\"}]}]}" ;;
	esac
}
images() { # MODEL API SIZE SIZE [DETAIL]
	m=$1
	shift
	image "$@" >image.json
	row image.json -m "$m" | cut -d, -f6
}
# Sizes, two bytes each: 1000, 1920, 1080, 512, 384.
k1='\0003\0350'
k1920='\0007\0200'
k1080='\0004\0070'
k512='\0002\0000'
k384='\0001\0200'
export k1 k1920 k1080 k512 k384
test_ok 'images of Claude: patches of 28 pixels, within both limits' '
	test "$(images claude-sonnet-4-5 anthropic $k1 $k1)" = 1296 &&
	test "$(images claude-sonnet-4-5 anthropic $k1920 $k1080)" = 1560 &&
	test "$(images claude-opus-4-7 anthropic $k1920 $k1080)" = 2691 &&
	test "$(images claude-sonnet-5 anthropic $k1920 $k1080)" = 2691'
test_ok 'images of OpenAI: tiles, or patches' '
	test "$(images gpt-4o openai $k1 $k1)" = 765 &&
	test "$(images gpt-4o openai $k512 $k512)" = 255 &&
	test "$(images gpt-4o openai $k1 $k1 low)" = 85 &&
	test "$(images gpt-4o-mini openai $k512 $k512)" = 8500 &&
	test "$(images gpt-5 responses $k1 $k1)" = 630 &&
	test "$(images gpt-4.1-mini openai $k512 $k512)" = 415'
test_ok 'images of Gemini: tiles, or what the resolution says' '
	test "$(images gemini-2.5-pro gemini $k384 $k384)" = 258 &&
	test "$(images gemini-2.5-pro gemini $k1 $k1)" = 1032 &&
	test "$(images gemini-3-pro-preview gemini $k1 $k1)" = 1120'
test_ok 'an image elsewhere is taken for 1024 x 1024, and that is said' '
	echo "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://x/y.png\"}}]}]}" >url.json &&
	test "$(row url.json -m gpt-4o)" = "gpt-4o,772,0,0,0,765,7,true" &&
	tokctl count --chat -m gpt-4o url.json | grep -q "1024 x 1024"'

cat >anthropic.json <<\EOF
{"model": "claude-sonnet-4-5", "max_tokens": 100, "system": [{"type": "text", "text": "Be brief."}],
 "messages": [
  {"role": "user", "content": "What is in the file?"},
  {"role": "assistant", "content": [{"type": "thinking", "thinking": "I look.", "signature": "xyz"}, {"type": "tool_use", "id": "t1", "name": "read", "input": {"path": "a"}}]},
  {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "a cat"}]}]}],
 "tools": [{"name": "read", "description": "Read a file.", "input_schema": {"type": "object", "properties": {"path": {"type": "string"}}}}]}
EOF
cat >gemini.json <<\EOF
{"contents": [{"role": "user", "parts": [{"text": "Hello there"}]},
  {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {"a": 1}}}]},
  {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {"r": 2}}}]}],
 "systemInstruction": {"parts": [{"text": "Be kind."}]},
 "tools": [{"functionDeclarations": [{"name": "f", "description": "d", "parameters": {"type": "OBJECT", "properties": {"a": {"type": "NUMBER"}}}}]}]}
EOF
cat >responses.json <<\EOF
{"model": "gpt-5", "instructions": "Be brief.", "input": [{"role": "user", "content": [{"type": "input_text", "text": "hi"}]},
  {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{\"a\":1}"},
  {"type": "function_call_output", "call_id": "c1", "output": "42"}],
 "tools": [{"type": "function", "name": "f", "description": "d", "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}}}]}
EOF
api() {
	tokctl count --chat -f jsonl "$@" | sed 's/.*"api":"\([^"]*\)".*/\1/'
}
test_ok 'the fields tell which API it is' '
	test "$(api -m gpt-4o cookbook.json)" = openai &&
	test "$(api responses.json)" = openai-responses &&
	test "$(api anthropic.json)" = anthropic &&
	test "$(api -m gemini-2.5-pro gemini.json)" = gemini'
test_ok 'all parts are seen in each' '
	for f in anthropic.json responses.json "gemini.json -m gemini-2.5-pro"; do
		# shellcheck disable=SC2086
		row $f | awk -F, "{ exit !(\$3 > 0 && \$4 > 0 && \$5 > 0) }" ||
			exit 1
	done'
test_ok 'the prompt for tools is what Anthropic says of that model' '
	test "$(row anthropic.json | cut -d, -f5)" -gt 550 &&
	test "$(row anthropic.json | cut -d, -f5)" -lt 600'

test_ok 'requests as JSON Lines, with a total' '
	{ tr -d "\n" <tools.json; echo; tr -d "\n" <responses.json; echo; } >two &&
	tokctl count --chat -f json two >out &&
	grep -q "\"line\":1,.*gpt-4o" out && grep -q "\"line\":2,.*gpt-5" out &&
	grep -q "\"total\": {\"line\":null,\"tokens\":1[0-9][0-9]," out'
test_ok '--cost prices it' '
	tokctl count --chat --cost -f csv cookbook.json -m gpt-4o |
		grep -q "0.00062"'
test_status 1 '--max' 'tokctl count --chat --max 100 tools.json'
test_status 0 '--max: not more' 'tokctl count --chat --max 101 tools.json'

test_status 3 'no JSON' 'echo "{" | tokctl count --chat'
test_status 3 'no request' 'echo "{\"a\":1}" | tokctl count --chat'
test_status 3 'nothing' 'tokctl count --chat </dev/null'
test_status 3 'a message without a role' '
	echo "{\"messages\":[{\"content\":\"a\"}]}" | tokctl count --chat'
test_status 3 'a message that is no object' '
	echo "{\"messages\":[1]}" | tokctl count --chat'
test_ok 'a model that is not known: say which it is' '
	echo "{\"model\":\"my-deployment\",\"input\":\"hi\"}" >own.json &&
	tokctl count --chat own.json 2>err; test $? = 3 && grep -q -e "-m" err &&
	tokctl count --chat -m gpt-5 own.json >out'
test_ok 'the place of what is wrong is named' '
	printf "%s\n" "{\"input\":\"a\"}" "{\"input\":}" |
		tokctl count --chat 2>err; grep -q "standard input:2: " err'
test_ok 'content that is not known is an estimate' '
	echo "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"QUJD\",\"format\":\"wav\"}}]}]}" >audio.json &&
	row audio.json -m gpt-4o | grep -q ",true$"'
test_status 2 '--chat and --lines' 'tokctl count --chat --lines tools.json'
test_status 2 '--chat and --ids' 'tokctl count --chat --ids tools.json'
wrong() { # title, request, words of the message
	printf '%s' "$2" >wrong.json
	test_ok "$1" "
		tokctl count --chat -m gpt-4o wrong.json >out 2>err
		test \$? -eq 3 && test ! -s out && grep '$3' err"
}
wrong 'tools that are no array are said, with the place' \
	'{"messages":[],"tools":5}' "wrong.json:1: byte 23: .tools. is no array"
wrong 'as is one that is no object' \
	'{"messages":[],"tools":[{},5]}' "byte 27: item 2 of .tools."
wrong 'messages that are none' '{"messages":"x"}' \
	"byte 12: .messages. is no array"
wrong 'contents that are none' '{"contents":5}' "byte 12: .contents. is no"
wrong 'a role that is no text' '{"messages":[{"role":5}]}' \
	"byte 21: .role. is no text"
wrong 'a name that is none' '[{"role":"user","name":[]}]' \
	"byte 23: .name. is no text"
wrong 'a model that is none' '{"model":5,"messages":[]}' "byte 9: .model."
wrong 'a function that is none' '{"messages":[],"tools":[{"function":5}]}' \
	"byte 36: .function. is no object"
wrong 'parameters that are none' \
	'{"messages":[],"tools":[{"name":"f","parameters":5}]}' \
	"byte 49: the parameters"
wrong 'a call that is none' '[{"role":"assistant","function_call":7}]' \
	"byte 37: .function_call."
wrong 'a list of declarations that is none' \
	'{"contents":[],"tools":[{"functionDeclarations":{}}]}' \
	"byte 48: .functionDeclarations. is no array"
wrong 'a message for Claude without a role' \
	'{"system":"x","messages":[{"content":"x"}]}' "message 1 has no role"
wrong 'a message that is none' '{"messages":[7]}' "byte 13: message 1"
wrong 'one without a role' '{"messages":[{"content":"x"}]}' \
	"byte 13: message 1 has no role"
wrong 'JSON that ends early' '{"messages":[' "byte 13: the text ends too early"
test_ok 'a text that is none makes an estimate' '
	printf "%s" "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":7}]}]" \
	    >seven.json && row seven.json -m gpt-4o | grep ",true$"'

# What is never left out of the sum, nor taken for exact: one request a line;
# below are its system, messages, tools, and whether all is an estimate.
cat >odd.jsonl <<\EOF
{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}}}
{"input":"x","text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"}}}}
{"contents":"x","generationConfig":{"responseSchema":{"type":"OBJECT"}}}
{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_object"}}
{"messages":[{"role":"assistant","content":null,"refusal":"I cannot"}]}
{"messages":[{"role":"assistant","content":"","reasoning_content":"I think"}]}
{"messages":[{"role":"assistant","content":"","audio":{"id":"x"}}]}
{"messages":[{"role":"assistant","content":"","function_call":{"name":"f","arguments":{"a":1}}}]}
{"messages":[{"role":"bogus","content":"x"}]}
{"messages":[{"role":"user","content":"source"}]}
{"messages":[{"role":"user","content":[{"type":"file","file":{"filename":"a","file_data":"data:application/pdf;base64,QUFBQUFBQUFBQUFBQUFBQUFBQUFBQQ=="}}]}]}
{"system":"x","messages":[{"role":"user","content":[{"type":"document","title":"T","context":"C","source":{"type":"text","media_type":"text/plain","data":"a b"}}]}]}
{"system":"x","messages":[{"role":"user","content":[{"type":"document","source":{"type":"content","content":[{"type":"text","text":"a b"}]}}]}]}
EOF
expect <<\EOF
openai,0,1,11,true
openai-responses,0,1,5,true
gemini,0,1,5,true
openai,0,1,0,false
openai,0,2,0,false
openai,0,2,0,true
openai,0,0,0,true
openai,0,6,0,true
openai,0,1,0,true
openai,0,1,0,false
openai,0,0,0,true
anthropic,1,4,0,false
anthropic,1,2,0,false
EOF
test_ok 'what is asked for in other ways is counted, or makes an estimate' '
	tokctl count --chat -m gpt-4o -f csv odd.jsonl | tr -d "\r" |
	    sed 1d | cut -d, -f3,7-9,12 | same'

# A tool with one property of that schema.
tool() {
	printf '{"messages":[],"tools":[{"name":"f","description":"d","parameters":{"properties":{"a":%s}}}]}\n' "$1"
}
{ tool '{"type":"string"}'
tool '{"type":"string","anyOf":[{"description":"w"},{"enum":["w","w"]}]}'
tool '{"type":"array","items":{"type":"array","items":{"description":"w"}}}'
tool '{"type":"string","$defs":{"x":{"description":"w"}}}'
tool '{"type":["string","null"]}'
tool '{"$ref":"#/properties/a","type":"string"}'
tool '{"type":"string","additionalProperties":false}'
tool '{"type":"string","additionalProperties":{"description":"w"}}'
tool '{"type":"string","prefixItems":[{"description":"w"},{"not":{"enum":["w"]}}]}'
tool '{"type":"string","patternProperties":{"x":{"description":"w"}}}'
} >schemas.jsonl
expect <<\EOF
30
39
32
36
33
30
30
31
35
36
EOF
test_ok 'schemas within schemas are counted, a reference to one is not' '
	tokctl count --chat -m gpt-4o -f csv schemas.jsonl | tr -d "\r" |
	    sed 1d | cut -d, -f9 | same'
# A schema within so many others.
deep() {
	awk -v n="$1" 'BEGIN {
		for (i = 0; i < n; i++)
			s = s "{\"items\":"
		s = s "{\"description\":\"deep down\"}"
		for (i = 0; i < n; i++)
			s = s "}"
		print s
	}'
}
test_ok 'what is nested deeper than that counts as JSON, not as nothing' '
	for n in 20 60; do tool "$(deep $n)"; done >deep.jsonl &&
	tokctl count --chat -m gpt-4o -f csv deep.jsonl | tr -d "\r" |
	    sed 1d | cut -d, -f9 >out &&
	{ read -r near; read -r far; } <out && test "$far" -gt "$near"'

# One part of a message from a user.
part() {
	printf '{"messages":[{"role":"user","content":[%s]}]}\n' "$1"
}
{ part '{"type":"text","text":"a b c"}'
part '{"type":"text","text":"a b c","image_url":null,"data":null,"source":null}'
part '{"type":"text","text":"a b c","data":"x"}'
part '{"type":"text","text":null}'
part '{"text":"a b c","function_call":null,"functionResponse":null}'
part '{"text":"a b c","data":"x"}'
part '{"type":"image_url","image_url":{"url":"x","detail":"high","detail":"low"}}'
part '{"type":"image_url","image_url":{"detail":"low"},"image_url":{"detail":"high"}}'
part '{"type":"tool_use","id":"1","function":{"name":"f","arguments":"a b c","arguments":"a"}}'
echo '{"messages":[]}'
} >parts.jsonl
expect <<\EOF
openai,3,0,7,false
openai,3,0,7,false
openai,3,0,7,false
openai,0,0,7,false
openai,3,0,7,false
openai,3,0,7,true
openai,0,85,7,false
openai,0,765,7,true
openai,2,0,10,true
openai,0,0,3,false
EOF
test_ok 'null is not there, the last of two counts, and text is text' '
	tokctl count --chat -m gpt-4o -f csv parts.jsonl | tr -d "\r" |
	    sed 1d | cut -d, -f3,8,10-12 | same'
test_ok 'an image whose size matters not is not said to be of unknown size' '
	tokctl count --chat -m gpt-4o parts.jsonl |
	    grep "^1 image of unknown size"'
test_ok 'results that no call belongs to take no longer than others' '
	awk "BEGIN { for (i = 0; i < 50000; i++)
	    printf \"%s{%s,%s%d\\\"}\", i ? \",\" : \"[\", \
	        \"\\\"role\\\":\\\"tool\\\"\", \"\\\"tool_call_id\\\":\\\"\", i
	    print \"]\" }" >calls.json &&
	timeout 10 "$TOKCTL" count --chat -m gpt-4o -f csv calls.json |
	    grep ",200003,"'
test_done
