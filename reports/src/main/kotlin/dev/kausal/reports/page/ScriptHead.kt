package dev.kausal.reports.page

private const val COMMENT = "//"

/** An indented line of a comment is a command, not prose. */
private const val INDENT = "    "

/** Returns the comment at the start of a script by paragraph, the question first; empty if there is none. */
internal fun scriptHead(script: String): List<String> =
    script.lineSequence().map { it.trim() }.takeWhile { it.startsWith(COMMENT) }
        .map { it.removePrefix(COMMENT) }
        .filterNot { it.startsWith(INDENT) }
        .joinToString("\n") { it.trim() }
        .split(Regex("\n{2,}"))
        .map { it.replace('\n', ' ').trim() }
        .filter { it.isNotEmpty() }
