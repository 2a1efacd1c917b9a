package dev.kausal.dsl

import dev.kausal.dsl.mistakes.ScriptMistakes
import dev.kausal.spec.ClassesSpec
import dev.kausal.spec.DirectionControl
import dev.kausal.spec.DirectionSpec
import dev.kausal.spec.StrengthUnit
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.ValueSpec
import dev.kausal.spec.VectorSpec
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

/** Directions in scripts, and mistakes in their fits and uses. */
class DirectionMistakesTest :
    FunSpec({
        test("a direction is bound to its sites and classes, and an edit to its cell and unit") {
            val spec = inTestFile {
                script {
                    val set = pairs()
                    val means by direction(set, attnOut, at = subject, towards = corrupted)
                    val ofHeads by direction(set, headZ, fit = logistic)
                    val swept by sweep(set, logitDifference) {
                        each(listOf(2), "layer") {
                            steer(means.at(it).random(7), -2.0, activationNorm) + ablate(ofHeads.at(Head(it, 4)))
                        }
                    }
                    val all by sweep(set, logitDifference) {
                        each(listOf(1), "layer") { ablateEverywhere(means.at(it)) }
                    }
                }.bind(facts())
            }.spec
            val means = spec.analysis("means") as DirectionSpec
            means.vectors.classes shouldBe ClassesSpec.Pairs(clean = false)
            means.vectors.points.map { it.site } shouldContainExactly List(4) { "blocks.$it.hook_attn_out" }
            (spec.analysis("ofHeads") as DirectionSpec).vectors.points.size shouldBe 36
            val edits = (spec.analysis("swept") as SweepSpec).cells.single().edits
            edits.map { it.site } shouldContainExactly listOf("blocks.2.hook_attn_out", "blocks.2.attn.hook_z")
            val added = edits[0].value as ValueSpec.Vector
            added.scale shouldBe -2.0
            spec.vectors[added.index] shouldBe
                VectorSpec.Fitted("means", 2, StrengthUnit.ActivationNorm, DirectionControl.Random(7))
            val removed = edits[1].value as ValueSpec.ProjectedOut
            spec.vectors[removed.vectors.single()] shouldBe VectorSpec.Fitted("ofHeads", 22, StrengthUnit.Difference)
            (spec.analysis("all") as SweepSpec).cells.single().edits.map { it.site }.distinct().size shouldBe 12
        }

        test("classes that leave nothing to fit") {
            mistakes {
                val set = pairs()
                val texts = prompts {
                    prompt("the [cat] sat")
                    prompt("the [dog] sat")
                }
                val one = prompts { prompt("the [cat] sat") }
                val alone by direction(one, first = { true })
                val nobody by direction(texts, first = { false })
                val itself by direction(texts, against = texts)
                val small by direction(texts, against = one)
                val unpaired by direction(texts)
                val noised by direction(set, towards = noise(subject))
                val unlike by direction(texts, fit = principalDifference, first = { it.label == "cat" })
            } shouldContainExactly
                listOf(
                    "alone needs prompts of two classes, but the function given to first is true for all of them; " +
                        "let it be true for some",
                    "alone is fitted on one half of the groups of examples and used on the other, but all examples " +
                        "of prompts-2 are of one group; add examples of others, or name another grouping with " +
                        "inference(clusters = ...)",
                    "nobody needs prompts of two classes, but the function given to first is true for none of them; " +
                        "let it be true for some",
                    "against must be another set; found the set itself",
                    "small is fitted on one half of the groups of examples and used on the other, but all examples " +
                        "of prompts-2 are of one group; add examples of others, or name another grouping with " +
                        "inference(clusters = ...)",
                    "unpaired needs a corrupted prompt, which \"cat\", \"dog\" lack; set corrupted = ..., or use " +
                        "noise(subject)",
                    "towards must be clean or corrupted; found noise(subject)",
                    "fit must be another one: there are no differences without contrasts; found principalDifference",
                )
        }

        test("edits along what is no direction of theirs") {
            mistakes { lm ->
                val set = pairs()
                val means by direction(set, residPre)
                val ofHeads by direction(set, headZ, at = subjectMiddle)
                val wide by sweep(set, logitDifference) {
                    each(listOf(0), "n") { ablate(lm.blocks[0].attn.z.head(1), means.at(0)) }
                }
                val drawn by sweep(set, logitDifference) {
                    each(listOf(0), "n") { ablate(lm.blocks[0].mlpOut, randomVector(1.0)) }
                }
                val none by sweep(set, logitDifference) {
                    each(listOf(0), "n") { ablate(lm.blocks[0].mlpOut, *arrayOf<Vector>()) }
                }
                val beyond by sweep(set, logitDifference) { each(listOf(0), "n") { steer(means.at(4), 1.0) } }
            } shouldContainExactly
                listOf(
                    "the place must be one range of tokens, such as last or subject; found subject-middle",
                    "head 1 of blocks.0.attn.hook_z has 2 numbers at a position, but the vector has 18",
                    "along must be a direction's random(seed); found randomVector, which has no fixed length of " +
                        "numbers",
                    "along must be one or more; found no vector",
                    "no layer 4: this model has 4 layers, 0 to 3",
                )
        }

        test("probes and doses that cannot be measured") {
            mistakes {
                val set = pairs()
                val texts = prompts {
                    prompt("the [cat] sat")
                    prompt("the [dog] sat")
                }
                val means by direction(set, residPre)
                val none by probe(set, draws = 0, splits = 0)
                val elsewhere by probe(set, transfer = listOf(texts))
                val labelled by probe(texts, first = { it.label == "cat" }, transfer = listOf(set))
                val unlike by probe(texts, fit = principalDifference, first = { it.label == "cat" })
                val empty by doseResponse(set, logitDifference, means, emptyList(), layers = emptyList(), draws = 0)
                val far by doseResponse(set, logitDifference, means, listOf(Double.NaN), layers = listOf(0), draws = 1)
                val noised by doseResponse(set, logitDifference, means, listOf(1.0), listOf(0), on = noise(subject))
            } shouldContainExactly
                listOf(
                    "draws must be 1 or more; found 0",
                    "splits must be 1 or more; found 0",
                    "elsewhere on prompts needs a corrupted prompt, which \"cat\", \"dog\" lack; " +
                        "set corrupted = ..., or use noise(subject)",
                    "transfer must be left out: only the two prompts of contrasts are classes of any set; found a set",
                    "fit must be another one: there are no differences without contrasts; found principalDifference",
                    "the axis \"layers\" has no values; add at least one",
                    "the axis \"strengths\" has no values; add at least one",
                    "draws must be 1 or more; found 0",
                    "a strength must be finite; found NaN",
                    "on must be clean or corrupted; found noise(subject)",
                )
        }

        test("figures of side effects and transfers that are not measured") {
            fun mistake(words: ExperimentScope.() -> Unit) =
                shouldThrow<ScriptMistakes> { script { words() } }.mistakes.single().message

            mistake {
                val set = pairs()
                val means by direction(set, residPre)
                val dose by doseResponse(set, logitDifference, means, listOf(1.0), questions = set)
                report {
                    lines(dose.accuracy)
                    lines(dose.loss)
                }
            } shouldContain "dose.loss must be measured, by neutral = texts in doseResponse"
            mistake {
                val set = pairs()
                val probed by probe(set)
                report {
                    lines(probed.accuracy)
                    lines(probed.on(set))
                }
            } shouldContain "probed.on must be measured, by transfer = listOf("
        }

        test("a direction of other models") {
            mistakes { lm ->
                val set = pairs()
                var other: DirectionHandle? = null
                given<Bert>(lm) { _ ->
                    val means by direction(set, residPre)
                    other = means
                }
                val swept by sweep(set, logitDifference) { each(listOf(0), "n") { steer(other!!.at(0), 1.0) } }
            } shouldContainExactly
                listOf("means is used, but left out for this model; use it in the same block as its declaration")
        }
    })

private fun ExperimentScope.pairs(): Contrasts<CausalLm> =
    contrasts {
        contrast("the [cat] sat", " there", "the [dog] sat", " here")
        contrast("the [bird] sat", " here", "the [fish] sat", " there")
    }

private fun mistakes(words: ExperimentScope.(Model<CausalLm>) -> Unit): List<String> =
    script { lm -> words(lm) }.mistakes().map { it.message }
