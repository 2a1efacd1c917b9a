package dev.kausal.dsl

import dev.kausal.spec.AlignmentSearchSpec
import dev.kausal.spec.DirectionControl
import dev.kausal.spec.StrengthUnit
import dev.kausal.spec.SubspaceTrainingSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.ValueSpec
import dev.kausal.spec.VectorSpec
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

/** Trained subspaces in scripts, and mistakes in their trainings and uses. */
class AlignmentSearchMistakesTest :
    FunSpec({
        test("a search is bound to its layers, and an edit to the vectors of its cell") {
            val spec = inTestFile {
                script {
                    val set = pairs()
                    val das by distributedAlignmentSearch(
                        set,
                        mlpOut,
                        rank = 2,
                        layers = listOf(3, 1),
                        steps = 7,
                        batch = 5,
                    )
                    val patched by sweep(set, logitDifference) {
                        each(listOf(3), "layer") { patch(clean, corrupted, das.at(it)) + ablate(das.at(it).random(4)) }
                    }
                    val steered by sweep(set, logitDifference) {
                        each(listOf(1), "layer") { steer(das.at(it).direction(1), 2.0) }
                    }
                }.bind(facts())
            }.spec
            val das = spec.analysis("das") as AlignmentSearchSpec
            das.vectors.axes.single().labels shouldContainExactly listOf("1", "3")
            das.vectors.points.map { it.site } shouldContainExactly
                listOf("blocks.1.hook_mlp_out", "blocks.3.hook_mlp_out")
            das.training shouldBe SubspaceTrainingSpec(rank = 2, steps = 7, batch = 5, learningRate = 0.01)
            val (patched, removed) = (spec.analysis("patched") as SweepSpec).cells.single().edits
            (patched.value as ValueSpec.From).along!!.map { spec.vectors[it] } shouldContainExactly
                List(2) { VectorSpec.Fitted("das", 1, StrengthUnit.Absolute, number = it) }
            (removed.value as ValueSpec.ProjectedOut).vectors.map { spec.vectors[it] } shouldContainExactly
                List(2) { VectorSpec.Fitted("das", 1, StrengthUnit.Absolute, DirectionControl.Random(4), it) }
            val added = (spec.analysis("steered") as SweepSpec).cells.single().edits.single().value as ValueSpec.Vector
            spec.vectors[added.index] shouldBe VectorSpec.Fitted("das", 0, StrengthUnit.Difference, number = 1)
        }

        test("settings that no training has") {
            mistakes {
                val set = pairs()
                val none by distributedAlignmentSearch(
                    set,
                    rank = 0,
                    steps = 0,
                    batch = 0,
                    learningRate = 0.0,
                    draws = 0,
                )
                val wide by distributedAlignmentSearch(set, attnOut, rank = 19, learningRate = Double.NaN)
                val empty by distributedAlignmentSearch(set, layers = emptyList())
                val beyond by distributedAlignmentSearch(set, layers = listOf(4))
                val each by distributedAlignmentSearch(set, at = subjectMiddle)
            } shouldContainExactly
                listOf(
                    "rank must be 1 to 18, the width of residPost; found 0",
                    "steps must be 1 or more; found 0",
                    "batch must be 1 or more; found 0",
                    "learningRate must be above 0; found 0.0",
                    "draws must be 1 or more; found 0",
                    "rank must be 1 to 18, the width of attnOut; found 19",
                    "learningRate must be above 0; found NaN",
                    "the axis \"layers\" has no values; add at least one",
                    "no layer 4: this model has 4 layers, 0 to 3",
                    "the place must be one range of tokens, such as last or subject; found subject-middle",
                )
        }

        test("contrasts that leave nothing to train on") {
            mistakes {
                val three = contrasts {
                    contrast("the [cat] sat", " there", "the [dog] sat", " here")
                    contrast("the [bird] sat", " here", "the [fish] sat", " there")
                    contrast("the [cow] sat", " here", "the [hen] sat", " there")
                }
                val uneven = contrasts {
                    contrast("the [cat] sat", " there", "the [dog house] sat", " here")
                    contrast("the [bird] sat", " here", "the [fish] sat", " there")
                    contrast("the [cow] sat", " here", "the [hen] sat", " there")
                    contrast("the [ox] sat", " here", "the [rat] sat", " there")
                }
                val texts = prompts {
                    prompt("the [cat] sat")
                    prompt("the [dog] sat")
                    prompt("the [cow] sat")
                    prompt("the [hen] sat")
                }
                val few by distributedAlignmentSearch(three)
                val apart by distributedAlignmentSearch(uneven, at = subject)
                val unpaired by distributedAlignmentSearch(texts)
            } shouldContainExactly
                listOf(
                    "few is trained on one half of the groups of contrasts and measured on the other, and a " +
                        "control " +
                        "exchanges the labels of half of each, so it needs 4 groups or more, but contrasts " +
                        "has 3; add " +
                        "contrasts of other groups, or name another grouping with inference(clusters = ...)",
                    "apart exchanges activations position by position, but in \"cat\", the number of " +
                        "positions of subject " +
                        "is 1 in the clean and 2 in the corrupted prompt; use a place of equally many, such " +
                        "as last or subjectLast",
                    "unpaired needs a corrupted prompt, which \"cat\", \"dog\", \"cow\", \"hen\" lack; set " +
                        "corrupted = ..., " +
                        "or use noise(subject)",
                    "unpaired needs an answer, which \"cat\", \"dog\", \"cow\", \"hen\" lack; set answer = " +
                        "... of a " +
                        "contrast, or label = ... of an image",
                    "unpaired needs a foil, which \"cat\", \"dog\", \"cow\", \"hen\" lack; set foil = ..., " +
                        "or use a " +
                        "metric of the answer alone, such as logit",
                )
        }

        test("edits of what is not trained") {
            mistakes {
                val set = pairs()
                val das by distributedAlignmentSearch(set, layers = listOf(1, 2))
                val elsewhere by sweep(set, logitDifference) {
                    each(listOf(0), "n") { patch(clean, corrupted, das.at(3)) }
                }
                val beyond by sweep(set, logitDifference) { each(listOf(0), "n") { ablate(das.at(7)) } }
                val second by sweep(set, logitDifference) {
                    each(listOf(0), "n") { steer(das.at(1).direction(1), 1.0) }
                }
                val shuffled by sweep(set, logitDifference) {
                    each(listOf(0), "n") { steer(das.at(2).direction().shuffled(1), 1.0) }
                }
            } shouldContainExactly
                listOf(
                    "das has no subspace of layer 3; it is trained at layers 1, 2",
                    "no layer 7: this model has 4 layers, 0 to 3",
                    "the number of a direction must be 0: the subspace has rank 1; found 1",
                    "the control of a trained subspace must be random(seed); found shuffled(seed)",
                )
        }
    })

private fun ExperimentScope.pairs(): Contrasts<CausalLm> =
    contrasts {
        contrast("the [cat] sat", " there", "the [dog] sat", " here")
        contrast("the [bird] sat", " here", "the [fish] sat", " there")
        contrast("the [cow] sat", " here", "the [hen] sat", " there")
        contrast("the [ox] sat", " here", "the [rat] sat", " there")
    }

private fun mistakes(words: ExperimentScope.(Model<CausalLm>) -> Unit): List<String> =
    script { lm -> words(lm) }.mistakes().map { it.message }
