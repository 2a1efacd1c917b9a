package dev.kausal.dsl

import dev.kausal.dsl.declare.InputItem
import dev.kausal.dsl.declare.Written
import dev.kausal.dsl.host.ScriptLines

/** A prompt as token ids; made by [tokenIds]. */
public class TokenIds internal constructor(
    internal val ids: List<Int>,
    internal val subject: IntRange?,
)

/** A prompt of the tokens [ids], as they are. [subject] are the positions of its subject, if it has one. */
public fun tokenIds(
    ids: List<Int>,
    subject: IntRange? = null,
): TokenIds = TokenIds(ids.toList(), subject)

/** A prompt of the tokens [ids], as they are. */
public fun tokenIds(vararg ids: Int): TokenIds = TokenIds(ids.toList(), null)

internal fun TokenIds.written(): Written = Written.Ids(ids, subject)

/** The first copy of the tokens of a [randomTokens] prompt. */
public val firstCopy: Span = Span("first-copy")

/** The last copy of the tokens of a [randomTokens] prompt. */
public val lastCopy: Span = Span("last-copy")

/** The first token of the last copy of a [randomTokens] prompt. */
public val repeatStart: Span = Span("repeat-start")

/**
 * [count] prompts of [length] random tokens, written [repeats] times one after another: text without meaning, in which only a
 * repetition says what follows (Olsson et al. 2022). The tokens of a copy all differ, from the prefix too, and none is special, such as
 * `<|endoftext|>`. They are drawn with [seed], or the experiment's, and `spec.json` holds their ids.
 *
 * @param prefix text before the tokens, such as a token that the model was trained to see first
 */
public fun PromptsScope.randomTokens(
    length: Int,
    repeats: Int = 2,
    count: Int = 10,
    seed: Long? = null,
    prefix: String = "",
) {
    items += InputItem.Random(length, repeats, count, seed, prefix, asks = false, ScriptLines.line())
}

/**
 * [count] contrasts of random tokens as in `prompts`: the clean prompt lacks the last token of its last copy, which is its
 * answer. In the corrupted prompt, all copies but the last end with another token, which is the foil.
 */
public fun ContrastsScope.randomTokens(
    length: Int,
    repeats: Int = 2,
    count: Int = 10,
    seed: Long? = null,
    prefix: String = "",
) {
    items += InputItem.Random(length, repeats, count, seed, prefix, asks = true, ScriptLines.line())
}
