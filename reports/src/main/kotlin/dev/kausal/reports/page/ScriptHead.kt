package dev.kausal.reports.page

private const val COMMENT = "//"

/** A line of a comment that is indented shows a command, not prose. */
private const val INDENT = "    "

/**
 * The comment at the start of a script, paragraph by paragraph: first its question.
 * Empty where it starts with something else.
 */
internal fun scriptHead(script: String): List<String> =
    script.lineSequence().map { it.trim() }.takeWhile { it.startsWith(COMMENT) }
        .map { it.removePrefix(COMMENT) }
        .filterNot { it.startsWith(INDENT) }
        .joinToString("\n") { it.trim() }
        .split(Regex("\n{2,}"))
        .map { it.replace('\n', ' ').trim() }
        .filter { it.isNotEmpty() }
