"""Executes a notebook with the Kotlin kernel, in a folder: execute.py NOTEBOOK EXECUTED FOLDER [LIBRARY].

LIBRARY is a kausal.json that stands for '%use kausal'. Writes the notebook with its outputs, also after an error.
"""

import sys

import nbformat
from nbclient import NotebookClient


def main(notebook, executed, folder, library=None):
    book = nbformat.read(notebook, as_version=4)
    for cell in book.cells:
        if library and cell.cell_type == "code":
            cell.source = cell.source.replace("%use kausal", f"%use @file[{library}]")
    client = NotebookClient(book, timeout=600, kernel_name="kotlin", allow_errors=True, resources={"metadata": {"path": folder}})
    client.execute()
    nbformat.write(book, executed)


main(*sys.argv[1:])
