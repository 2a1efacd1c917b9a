package dev.kausal.run

import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.declared
import dev.kausal.dsl.logitLens
import dev.kausal.dsl.mistakes.ScriptMistakes
import dev.kausal.dsl.on
import dev.kausal.dsl.tinyFolder
import dev.kausal.engine.model.ModelSource
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

private fun lens(top: Int) =
    declared {
        model<CausalLm>("tiny")
        val set = contrasts { contrast("the cat", "sat") }
        val lens by logitLens(set, top = top)
        report { table(lens) }
    }

class LogitLensTest :
    FunSpec({
        test("a padding row of the vocabulary is named by its number") {
            val folder = tinyFolder("llama")
            val rows = ModelSource.open(folder).use { it.config().vocabulary() }
            lens(rows).on(folder) { bound, model ->
                val tokenizer = model.tokenizer().orElseThrow()
                rows shouldBeGreaterThan tokenizer.vocabularySize()
                val padding = (tokenizer.vocabularySize() until rows).map { "#$it" }
                val words = (0 until tokenizer.vocabularySize()).map { tokenizer.text(it) }
                val top = bound.run(model).named("lens").top!!.single()
                top.size shouldBe model.config().layers() * 2
                for (cell in top) cell.map { it.token } shouldContainExactlyInAnyOrder words + padding
            }
        }
        test("no more tokens than there are") {
            val folder = tinyFolder("llama")
            val rows = ModelSource.open(folder).use { it.config().vocabulary() }
            shouldThrow<ScriptMistakes> { lens(rows + 1).on(folder) { _, _ -> } }.message!! shouldContain
                "top must be 1 to the number of tokens, $rows"
        }
    })
