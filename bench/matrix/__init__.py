"""Configs and files as people have them: what is changed of the tiny models, case by case.

A case changes config.json (fields set or removed, by a path with dots) or the tensors of model.safetensors, or both.
fields.py makes those of config fields, files.py those of tensors, edits.py applies them.
"""
