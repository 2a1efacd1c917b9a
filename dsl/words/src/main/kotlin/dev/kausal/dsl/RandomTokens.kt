package dev.kausal.dsl

import dev.kausal.dsl.declare.InputItem
import dev.kausal.dsl.declare.InputSource
import dev.kausal.dsl.host.ScriptLines

/** A prompt given as token ids, made by [tokenIds]. */
public class TokenIds internal constructor(
    internal val ids: List<Int>,
    internal val subject: IntRange?,
)

/** Returns a prompt of the tokens [ids]; [subject] is the range of its subject, if any. */
public fun tokenIds(
    ids: List<Int>,
    subject: IntRange? = null,
): TokenIds = TokenIds(ids.toList(), subject)

/** Returns a prompt of the tokens [ids]. */
public fun tokenIds(vararg ids: Int): TokenIds = TokenIds(ids.toList(), null)

internal fun TokenIds.written(): InputSource = InputSource.Ids(ids, subject)

/** The first copy of the tokens of a [randomTokens] prompt. */
public val firstCopy: Span = Span("first-copy")

/** The last copy of the tokens of a [randomTokens] prompt. */
public val lastCopy: Span = Span("last-copy")

/** The first token of the last copy of a [randomTokens] prompt. */
public val repeatStart: Span = Span("repeat-start")

/**
 * Adds [count] prompts of [length] random tokens, repeated to [repeats] copies: meaningless text in which only
 * repetition predicts the next token (Olsson et al. 2022). The tokens of a copy differ from each other and from the
 * prefix, and none is special, such as `<|endoftext|>`. They are drawn with [seed], by default the experiment's;
 * `spec.json` holds their ids.
 *
 * @param prefix text before the tokens, such as a token that starts all training texts
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
 * Adds [count] contrasts of random tokens, drawn as in `prompts`: the clean prompt lacks the last token of its last
 * copy, which is the answer. In the corrupted prompt, all copies but the last end with another token, which is the
 * foil.
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
