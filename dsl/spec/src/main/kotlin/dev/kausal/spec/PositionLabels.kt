package dev.kausal.spec

/**
 * Returns labels of the first [count] positions: the token that all [prompts] have there, else the position's number.
 * Tokens are equal if their ids are: parts of different characters have the same text.
 */
public fun positionLabels(
    prompts: List<PromptSpec>,
    count: Int = prompts.maxOf { it.length },
): List<String> =
    List(count) { position ->
        prompts.map { it.tokenAt(position) }.distinct().singleOrNull()?.second ?: "$position"
    }
