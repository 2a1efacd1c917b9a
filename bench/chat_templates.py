"""Renders chat templates with the library, and tokenises them with SmolLM2's tokenizer.

    python chat_templates.py --templates DIR --gguf FILE --out FILE

DIR has templates of our own in the styles of published ones; the template of the GGUF file is rendered too.
"""
import argparse
import os

from common import load_gguf_tokenizer, versions, write_json

DIALOGS = {
    "question": [("user", "What is the capital of France?")],
    "system": [("system", "  You are terse.\n"), ("user", " Name a colour. "), ("assistant", "Red."), ("user", "Another?\n")],
    "two systems": [("system", "One."), ("system", "Two."), ("user", "Which?")],
    "thought": [("user", "2 + 2?"), ("assistant", "<think>\nEasy.\n</think>\n\n4"), ("user", "Sure?")],
    "answered": [("user", "2 + 2?"), ("assistant", "<think>\nEasy.\n</think>\n\n4")],
    "out of turn": [("user", "One."), ("user", "Two.")],
    "characters": [("user", "Grüße, \"quoted\" {braces} {% raw %} \\n\t日本 🙂\n\nend")],
}
VARIABLES = {"none": {}, "thinking off": {"enable_thinking": False, "date": "2 May 2024"}}


def rendered(tokenizer, template, dialog, prompt, variables):
    messages = [{"role": role, "content": content} for role, content in dialog]
    try:
        text = tokenizer.apply_chat_template(messages, chat_template=template, tokenize=False, add_generation_prompt=prompt,
                                             **variables)
    except Exception as error:
        return {"error": str(error)}
    ids = tokenizer(text, add_special_tokens=False).input_ids
    return {"text": text, "ids": ids}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--templates", required=True)
    parser.add_argument("--gguf", required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    tokenizer = load_gguf_tokenizer(options.gguf)
    templates = {"own": None}
    for name in sorted(os.listdir(options.templates)):
        if name.endswith(".jinja"):
            with open(os.path.join(options.templates, name), encoding="utf-8") as file:
                templates[name.removesuffix(".jinja")] = file.read()
    cases = []
    for name, template in templates.items():
        for dialog, messages in DIALOGS.items():
            for prompt in [True, False]:
                for variables, values in VARIABLES.items():
                    if values and name not in ["thinking", "headers"]:
                        continue
                    cases.append({"template": name, "dialog": dialog, "messages": messages, "prompt": prompt,
                                  "variables": values, **rendered(tokenizer, template, messages, prompt, values)})
    write_json(options.out, {"versions": versions(), "bos": tokenizer.bos_token, "eos": tokenizer.eos_token, "cases": cases})
    print(len(cases), "cases,", sum("error" in case for case in cases), "of them errors")


if __name__ == "__main__":
    main()
