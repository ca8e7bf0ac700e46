"""Fixtures/tokenizer/chat_templates.json: chat templates with the constructs of released ones, rendered by transformers.

Run: python Tests/Reference/chat_templates_reference.py [--out FILE TEMPLATE...]      (transformers 5.24.0, jinja2 3.1)

With files, chat_template.jinja or tokenizer_config.json of released models, theirs are rendered instead. Then
`MOONLIGHT_CHAT_TEMPLATES=FILE swift test --filter ChatTemplateTests` holds ours against these, and says which are refused.
"""

import argparse
import json
import pathlib

from transformers.utils.chat_template_utils import render_jinja_template

OUT = pathlib.Path(__file__).resolve().parent.parent / "Fixtures" / "tokenizer" / "chat_templates.json"

CONVERSATIONS = [
    [("user", "Hi")],
    [("system", " Be kind. "), ("user", "Hi\n"), ("assistant", "  Hello! ")],
    [("user", "1+1?"), ("assistant", "<think>\neasy\n</think>\n\n2"), ("user", "é?"), ("assistant", "oui")],
    [("system", "a"), ("system", "b"), ("user", "{{ x }} {% if %}")],
    [("assistant", "first"), ("user", "")],
    [("user", 'tab\there "quoted" \\ \x01 \u2028 日本\r\n'), ("assistant", "</think>"), ("user", " a </think> b</think>")],
]

TEMPLATES = {
    # Markers by role, a default system turn: the way of Kimi and Moonlight.
    "markers": "{%- for message in messages -%}\n  {%- if loop.first and messages[0]['role'] != 'system' -%}<|s|>system<|m|>Be helpful<|e|>{%- endif -%}\n  {%- if message['role'] == 'system' -%}<|s|>{%- elif message['role'] == 'user' -%}<|u|>{%- else -%}<|a|>{%- endif -%}\n  {{ message['role'] }}<|m|>{{ message['content'] }}<|e|>\n{%- endfor -%}\n{%- if add_generation_prompt -%}<|a|>assistant<|m|>{%- endif -%}",
    # A namespace that gathers system prompts, tool calls that are not there: the way of DeepSeek-V3.
    "namespace": "{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}{% set ns = namespace(first=true, prompt='', tool=false) %}{%- for m in messages %}{%- if m['role'] == 'system' %}{%- if ns.first %}{% set ns.prompt = ns.prompt + m['content'] %}{% set ns.first = false %}{%- else %}{% set ns.prompt = ns.prompt + '\\n\\n' + m['content'] %}{%- endif %}{%- endif %}{%- endfor %}{{ bos_token }}{{ ns.prompt }}{%- for m in messages %}{%- if m['role'] == 'user' %}{%- set ns.tool = false -%}{{ '<|User|>' + m['content'] }}{%- endif %}{%- if m['role'] == 'assistant' and 'tool_calls' in m and m['tool_calls'] is not none %}{{ raise_exception('no tools') }}{%- endif %}{%- if m['role'] == 'assistant' and 'tool_calls' not in m %}{%- set content = m['content'] %}{%- if '</think>' in content %}{%- set content = content.split('</think>')[-1] %}{%- endif %}{{ '<|Assistant|>' + content + eos_token }}{%- endif %}{%- endfor -%}{% if add_generation_prompt and not ns.tool %}{{ '<|Assistant|>' }}{% endif %}",
    # Plain words: the way of DeepSeek-V2.
    "words": "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}{{ 'User: ' + message['content'] + '\\n\\n' }}{% elif message['role'] == 'assistant' %}{{ 'Assistant: ' + message['content'] + eos_token }}{% elif message['role'] == 'system' %}{{ message['content'] + '\\n\\n' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}",
    # Slices, loops backwards, strips: the way of Qwen3.
    "slices": "{%- set ns = namespace(last=messages|length - 1, open=true) %}\n{%- for message in messages[::-1] %}\n    {%- set index = (messages|length - 1) - loop.index0 %}\n    {%- if ns.open and message.role == \"user\" and message.content is string and not(message.content.startswith('<r>') and message.content.endswith('</r>')) %}\n        {%- set ns.open = false %}\n        {%- set ns.last = index %}\n    {%- endif %}\n{%- endfor %}\n{%- for message in messages %}\n    {%- set content = message.content if message.content is string else '' %}\n    {%- if message.role == 'assistant' and '</think>' in content %}\n        {%- set thought = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}\n        {{- '[' ~ loop.index0 ~ ' ' ~ ns.last ~ ' ' ~ thought ~ ']' }}\n        {%- set content = content.split('</think>')[-1].lstrip('\\n') %}\n    {%- endif %}\n    {{- '<|im_start|>' + message.role + '\\n' + content|trim + '<|im_end|>' }}\n    {%- if not loop.last %}\n        {{- '\\n' }}\n    {%- endif %}\n{%- endfor %}\n{%- if add_generation_prompt %}\n    {{- '<|im_start|>assistant\\n' }}\n    {%- if enable_thinking is defined and enable_thinking is false %}\n        {{- 'off' }}\n    {%- endif %}\n{%- endif %}",
    "raises": "{% if messages[0].role == 'system' %}{{ raise_exception('System turns are not known') }}{% endif %}{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Turns must alternate') }}{% endif %}{{ m.content.strip() }}{% endfor %}",
    # White space that blocks and comments take or leave.
    "space": "  {% if true %}\n  a\n  {%- if false %} b {% else %}\n\n c {% endif -%}  \n  {% endif %}\n  {# note #}\n  d {# x #} e\n\t{%+ if true %} f {% endif +%}\n{{ 'g' -}}\n  h\n{{- 'i' }}  \n{% for x in [1, 2, 3] if x != 2 %}\n{{ x }},{% else %}none{% endfor %}\n{% set y %}\n captured {{ 3 * 4 - 5 }}\n{% endset %}\n{{ y }}|\n",
    "values": "{{ none }} {{ true }} {{ [1, 2][-1] }} {{ 'abc'[1:] }} {{ 'abc'[:-1] }} {{ messages[0]['missing'] }}{{ 'x' if false }} {{ 'a' in 'cat' }} {{ 5 % 3 }} {{ -7 % 3 }} {{ 1 == true }} {{ 'a' ~ 1 ~ none }} {{ ('a' 'b')|upper }} {{ 'a,b'.split(',')|join('+') }} {{ {'k': 'v'}.get('k', 'd') }} {{ {'k': 'v'}['z']|default('d') }} {% for k, v in {'p': 1, 'q': 2}.items() %}{{ k }}{{ v }}{{ loop.last }}{% endfor %} {{ 2 > 1 and 'yes' or 'no' }} {{ not 1 in [2] }} {{ 'x' is defined }} {{ q is defined }} {{ messages|length }} {{ range(3)|join('') }} {{ (messages|first).role }} {{ 'a\\'b\"\\n'|replace('b', 'c') }}",
    # Macros with fallbacks, a search from the end, tuples, what a block sets for itself: the way of Kimi-K2-Thinking and GLM-4.5.
    "macros": "{%- macro text(content, mark='') -%}\n  {%- if content is string -%}{{- content|trim }}{%- elif content is iterable and content is not mapping -%}\n    {%- for item in content -%}{{ item.text }}{%- endfor -%}{%- endif -%}{{ mark }}\n{%- endmacro -%}\n{% macro header(message) -%}\n  {%- set name = message.get('name') or message['role'] -%}\n  <|{{ name }}|>\n{%- endmacro -%}\n{%- set last = namespace(index=-1) -%}\n{%- for i in range(messages|length - 1, -1, -1) -%}{%- if messages[i].role in ('assistant', 'tool') -%}{%- set last.index = i -%}{%- break -%}{%- endif -%}{%- endfor -%}\n{%- if tools -%}{{ tools | tojson() }}{%- endif -%}\n{%- for message in messages[:last.index + 1] -%}\n  {{ header(message) }}{{ text(message.content, mark='<|e|>') }}\n{%- endfor -%}\n==\n{% for message in messages[last.index + 1:] -%}\n  {{ header(message=message) }}{{ text(message.content) ~ '/' }}\n{% endfor -%}\n{%- if add_generation_prompt %}{% generation %}{% set inner = 1 %}<|go|>{% endgeneration %}{{ inner is defined }}{% endif %}",
    "json": "{{ messages | tojson }}\n{{ messages[0] | tojson(indent=2) }}{{ [none, true, 1, {}, [], {'a': ['b']}] | tojson(ensure_ascii=True, indent=1) }}{{ messages[-1].content | tojson(ensure_ascii=True) }}{{ '<&>' | tojson | safe }}",
    # What is not there: an empty loop, no length, no text.
    "missing": "{% for x in missing %}a{% else %}none{% endfor %}{{ missing|length }}{{ 'a' in missing }}{{ missing|trim }}{{ missing is iterable }}{{ missing is mapping }}{{ messages[-1].content|default('x', true) }}{{ messages[-1].content|default('x') }}{{ none|string|upper }}{{ 'a</t>b</t>c'.split('</t>', 1)[1] }}{{ 'a b'.split(' ', -1)|length }}{{ messages[0].tool_calls is not none }}",
    "returns": "{% if true %}\r\n a\r\n{% endif %}\r\n b\r{{ 'c\r\nd' }}\r\n",
}


def render(template, messages, generation):
    try:
        text = render_jinja_template(
            [[dict(role=role, content=content) for role, content in messages]], chat_template=template,
            add_generation_prompt=generation, bos_token="<bos>", eos_token="<eos>")[0][0]
        return text, None
    except Exception as error:
        return None, str(error)


def template_of(path):
    text = pathlib.Path(path).read_text(encoding="utf-8")
    return json.loads(text)["chat_template"] if path.endswith(".json") else text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default=OUT)
    parser.add_argument("templates", nargs="*")
    options = parser.parse_args()
    templates = {pathlib.Path(path).name: template_of(path) for path in options.templates} or TEMPLATES
    cases = []
    for name, template in templates.items():
        for messages in CONVERSATIONS:
            for generation in (False, True):
                text, error = render(template, messages, generation)
                cases.append(dict(
                    name=name, messages=[list(turn) for turn in messages], generation=generation, text=text, error=error))
    pathlib.Path(options.out).write_text(json.dumps(dict(templates=templates, cases=cases), indent=1) + "\n")


if __name__ == "__main__":
    main()
