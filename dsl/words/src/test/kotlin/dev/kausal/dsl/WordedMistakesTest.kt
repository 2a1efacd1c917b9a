package dev.kausal.dsl

import dev.kausal.dsl.mistakes.Mistake
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldHaveAtLeastSize
import java.nio.file.Path
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readText

/** A mistake that an `else` takes would be told to a user as the name of its class. */
class WordedMistakesTest :
    FunSpec({
        fun kinds(type: Class<*>): List<Class<*>> =
            type.permittedSubclasses?.flatMap { kinds(it) }?.ifEmpty { listOf(type) } ?: listOf(type)

        test("each kind of mistake has words of its own") {
            val words =
                Path.of("src/main/kotlin/dev/kausal/dsl/mistakes").listDirectoryEntries("*Wording.kt")
                    .joinToString("\n") { it.readText() }
            val kinds = kinds(Mistake::class.java).map { it.simpleName }
            kinds shouldHaveAtLeastSize 40
            kinds.filterNot { Regex("""Mistake\.$it\b.* ->""").containsMatchIn(words) }.shouldBeEmpty()
        }
    })
