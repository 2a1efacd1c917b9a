package dev.kausal.run

import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.declared
import dev.kausal.dsl.logitLens
import dev.kausal.dsl.mistakes.ScriptMistakes
import dev.kausal.dsl.on
import dev.kausal.dsl.tinyFolder
import dev.kausal.engine.model.ModelSource
import dev.kausal.engine.tensor.Torch
import dev.kausal.spec.LogitLensSpec
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.doubles.plusOrMinus
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
        test("tokens that a lens follows are results of their own") {
            val declared =
                declared {
                    model<CausalLm>("tiny")
                    val texts =
                        prompts {
                            prompt("the cat")
                            prompt("the cat sat")
                        }
                    val lens by logitLens(texts, tokens = listOf("sat", "cat"), top = 2)
                    report { heatmap(lens.probabilities) }
                }
            declared.on(tinyFolder("llama")) { bound, model ->
                val found = bound.run(model).results.associateBy { it.name }
                found.keys.toList() shouldBe listOf("lens", "lens.logits", "lens.probabilities", "lens.ranks")
                val sizes = listOf(2, model.config().layers(), 3)
                val parts = listOf("logits", "probabilities", "ranks")
                for (part in parts) found.getValue("lens.$part").shape shouldBe sizes
                found.getValue("lens").metric shouldBe "probability of the likeliest token"
                val ids = (bound.spec.analysis("lens") as LogitLensSpec).tokens.map { it.id }
                val prompt = bound.spec.contrasts.single().contrasts.last().clean.ids
                val logits = Torch.manager().use { model.logits(listOf(prompt.toIntArray()), it).toFloatArray() }
                val rows = logits.toList().chunked(logits.size / 3)
                for ((token, id) in ids.withIndex()) {
                    for (position in 0 until 3) {
                        val cell = (token * model.config().layers() + model.config().layers() - 1) * 3 + position
                        val row = rows[position]
                        val logit = found.getValue("lens.logits").perExample[1][cell]!!
                        logit shouldBe (row[id].toDouble() plusOrMinus 1e-4)
                        found.getValue("lens.ranks").perExample[1][cell]!! shouldBe 1.0 + row.count { it > row[id] }
                        val short = found.getValue("lens.ranks").perExample[0][cell]
                        (short == null) shouldBe (position == 2)
                    }
                }
            }
        }
        test("no more tokens than there are") {
            val folder = tinyFolder("llama")
            val rows = ModelSource.open(folder).use { it.config().vocabulary() }
            shouldThrow<ScriptMistakes> { lens(rows + 1).on(folder) { _, _ -> } }.message!! shouldContain
                "top must be 1 to the number of tokens, $rows"
        }
    })
